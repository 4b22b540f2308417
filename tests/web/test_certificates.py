"""Certificates of our own making: whom they are for, when they are made anew, and what their authority may not do."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from server.web.access.state import StateError
from server.web.addresses import host_names, network_addresses
from server.web.certificates import (
    AUTHORITY_DAYS,
    RENEW_DAYS,
    SERVER_DAYS,
    Kept,
    Names,
    Pair,
    _make_server,
    _pem,
    keep,
)

NOW = datetime.now(UTC)


def names(*found: str) -> Names:
    addresses = frozenset(ip_address(name) for name in found if name[0].isdigit() or ":" in name)
    return Names(frozenset(name for name in found if not (name[0].isdigit() or ":" in name)), addresses)


DOOR = names("localhost", "door", "door.local", "127.0.0.1", "::1", "192.168.1.20")


def trusted(kept: Kept, name: str, server_pem: Path | None = None) -> str | None:
    """What a client that trusts the authority says of the server; None if it is content."""
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context(cafile=str(kept.authority))
    server.load_cert_chain(server_pem or kept.server)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = server.wrap_bio(to_server, to_client, server_side=True)
    theirs = client.wrap_bio(to_client, to_server, server_hostname=name)
    for _ in range(3):
        for end in (theirs, ours):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLCertVerificationError as fault:
                return fault.verify_message
    return None


def read(kept: Kept) -> tuple[bytes, bytes]:
    return kept.server.read_bytes(), kept.authority.read_bytes()


@pytest.mark.parametrize("name", ["localhost", "door", "door.local", "127.0.0.1", "::1", "192.168.1.20"])
def test_who_trusts_the_authority_trusts_the_server_by_each_of_its_names(tmp_path: Path, name: str):
    assert trusted(keep(tmp_path / "tls", DOOR), name) is None


@pytest.mark.parametrize("name", ["example.org", "192.168.1.21"])
def test_another_name_is_not_trusted(tmp_path: Path, name: str):
    assert "mismatch" in str(trusted(keep(tmp_path / "tls", DOOR), name))


@pytest.mark.parametrize("name", ["example.org", "8.8.8.8"])
def test_the_authority_cannot_vouch_for_others(tmp_path: Path, name: str):
    """Not even who has stolen its key."""
    kept = keep(tmp_path / "tls", DOOR)
    key = serialization.load_pem_private_key((tmp_path / "tls" / "authority.key").read_bytes(), None)
    authority = Pair(x509.load_pem_x509_certificate(kept.authority.read_bytes()), key)
    forged = _make_server(authority, names("localhost", name), NOW)
    (tmp_path / "forged.pem").write_bytes(_pem(forged.key) + _pem(forged.certificate))
    assert trusted(kept, name, tmp_path / "forged.pem") == "permitted subtree violation"


def test_it_is_made_once(tmp_path: Path):
    folder = tmp_path / "state" / "tls"
    first = read(keep(folder, DOOR))
    assert read(keep(folder, DOOR)) == first
    assert read(keep(folder, names("localhost", "192.168.1.20"))) == first, "fewer names need no other"
    later = NOW + timedelta(SERVER_DAYS - RENEW_DAYS - 1)
    assert read(keep(folder, DOOR, later)) == first


def test_only_its_owner_can_read_it(tmp_path: Path):
    keep(tmp_path / "tls", DOOR)
    files = sorted((tmp_path / "tls").iterdir())
    assert [path.name for path in files] == ["authority.crt", "authority.key", "server.pem"]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert (tmp_path / "tls").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("wanted", "days"),
    [
        (names("localhost", "door", "10.1.2.3"), 0),  # another private address
        (DOOR, SERVER_DAYS - RENEW_DAYS + 1),
        (DOOR, SERVER_DAYS + 1),
    ],
)
def test_a_new_certificate_needs_no_new_trust(tmp_path: Path, wanted: Names, days: float):
    server, authority = read(keep(tmp_path / "tls", DOOR))
    kept = keep(tmp_path / "tls", wanted, NOW + timedelta(days))
    assert read(kept)[0] != server
    assert read(kept)[1] == authority
    if not days:
        assert trusted(kept, "10.1.2.3") is None


@pytest.mark.parametrize(
    ("wanted", "days"),
    [
        (names("localhost", "other"), 0),  # the machine was given another name
        (names("localhost", "door", "8.8.8.8"), 0),
        (DOOR, AUTHORITY_DAYS - SERVER_DAYS + 1),
    ],
)
def test_a_new_authority_comes_with_a_new_certificate(tmp_path: Path, wanted: Names, days: float):
    before = read(keep(tmp_path / "tls", DOOR))
    kept = keep(tmp_path / "tls", wanted, NOW + timedelta(days))
    assert all(new != old for new, old in zip(read(kept), before, strict=True))
    if not days:
        assert trusted(kept, sorted(map(str, wanted.addresses or wanted.dns))[0]) is None


@pytest.mark.parametrize("name", ["authority.crt", "authority.key", "server.pem"])
@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN CERTIFICATE-----\nx", "another's"])
def test_what_is_missing_or_damaged_is_made_anew(tmp_path: Path, name: str, content: bytes | str | None):
    keep(tmp_path / "tls", DOOR)
    if content == "another's":
        keep(tmp_path / "other", DOOR)
        content = (tmp_path / "other" / name).read_bytes()
    (tmp_path / "tls" / name).unlink() if content is None else (tmp_path / "tls" / name).write_bytes(content)
    kept = keep(tmp_path / "tls", DOOR)
    assert trusted(kept, "door") is None
    assert read(keep(tmp_path / "tls", DOOR)) == read(kept)


def test_where_it_cannot_be_kept_is_told(tmp_path: Path):
    (tmp_path / "tls").write_text("a file, not a folder")
    with pytest.raises(StateError, match=r"tls: cannot be used \(File exists\); mend its rights, or set MASKGATE"):
        keep(tmp_path / "tls", DOOR)


def test_it_is_for_this_machine(tmp_path: Path):
    wanted = Names.of_this_machine()
    kept = keep(tmp_path / "tls", wanted)
    for name in ("localhost", "127.0.0.1", "::1", *host_names(), *map(str, network_addresses())):
        assert trusted(kept, name) is None, name


@pytest.mark.parametrize("url", ["https://masks.example.org", "https://192.0.2.77:8443", "https://[2001:db8::7]"])
def test_it_is_for_the_public_address_too(tmp_path: Path, url: str):
    kept = keep(tmp_path / "tls", Names.of_this_machine(url))
    assert trusted(kept, urlsplit(url).hostname) is None
