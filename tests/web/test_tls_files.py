"""Which certificate the settings choose, and the one sentence about each that cannot be used."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from server.settings import Settings
from server.web.certificates import Names, keep
from server.web.tls import CertificateError, chosen
from tests.web.running import MODES, PATIENCE, REAL, begin

HERE = Names(frozenset({"localhost"}), frozenset())


def test_a_restart_shows_the_same_certificate(tmp_path: Path):
    settings = Settings(tls="self-signed", state_dir=tmp_path)
    first, again = chosen(settings), chosen(settings)
    assert first is not None
    assert again is not None
    assert first.about == again.about


def files(folder: Path, **changes: bytes) -> Settings:
    """Settings that name a certificate and a key of its own; changes: what is in them instead."""
    kept = keep(folder / "own", HERE)
    key, certificates = kept.server.read_bytes().split(b"-----END PRIVATE KEY-----\n")
    content = {"certificate": certificates, "key": key + b"-----END PRIVATE KEY-----\n"} | changes
    for name, data in content.items():
        (folder / f"{name}.pem").write_bytes(data)
    return Settings(tls_certificate=folder / "certificate.pem", tls_key=folder / "key.pem", state_dir=folder / "state")


def test_a_certificate_of_ones_own(tmp_path: Path):
    tls = chosen(files(tmp_path))
    assert tls is not None
    assert tls.about.startswith("Certificate until ")
    assert not (tmp_path / "state").exists()


def locked(folder: Path) -> bytes:
    key = serialization.load_pem_private_key(keep(folder / "own", HERE).server.read_bytes(), None)
    locks = serialization.BestAvailableEncryption(b"secret")
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locks)


def weak(folder: Path) -> dict[str, bytes]:
    """An RSA key of 512 bits, which OpenSSL does not take."""
    key, certificate = folder / "weak.key", folder / "weak.crt"
    wish = ["-newkey", "rsa:512", "-nodes", "-subj", "/CN=localhost", "-keyout", key, "-out", certificate]
    subprocess.run(["openssl", "req", "-x509", *wish], check=True, capture_output=True)
    return {"key": key.read_bytes(), "certificate": certificate.read_bytes()}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (lambda _: {"certificate": b"nothing"}, "certificate.pem holds no certificate in PEM form; name the file"),
        (lambda _: {"key": b"nothing"}, "key.pem holds no private key in PEM form; name the certificate's key."),
        (lambda folder: {"key": locked(folder)}, "key.pem is locked by a passphrase; unlock it: openssl pkey -in "),
        (
            lambda folder: {"key": keep(folder / "other", HERE).server.read_bytes()},
            "key.pem is not that of the first certificate in ",
        ),
        pytest.param(
            weak,
            "cannot be used (EE_KEY_TOO_SMALL); have them issued anew.",
            marks=pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is missing"),
        ),
    ],
    ids=["no certificate", "no key", "locked", "another's key", "weak"],
)
def test_what_is_wrong_with_the_files(tmp_path: Path, changes: Callable[[Path], dict[str, bytes]], says: str):
    with pytest.raises(CertificateError) as caught:
        chosen(files(tmp_path, **changes(tmp_path)))
    assert says in str(caught.value)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"tls_key": None}, "A certificate needs its key and a key its certificate; set MASKGATE_TLS_KEY too."),
        ({"tls_certificate": None}, "set MASKGATE_TLS_CERTIFICATE too."),
        ({"tls": "self-signed"}, "MASKGATE_TLS_CERTIFICATE or MASKGATE_TLS_KEY names one; set the one or the others."),
        ({"tls_key": Path("/gone/key.pem")}, "/gone/key.pem cannot be read (No such file or directory); name another"),
        ({"tls_certificate": Path("/")}, "/ cannot be read (Is a directory); name another or let MaskGate read it."),
    ],
)
def test_what_is_wrong_with_the_settings(tmp_path: Path, changes: dict[str, object], says: str):
    with pytest.raises(CertificateError) as caught:
        chosen(files(tmp_path).model_copy(update=changes))
    assert says in str(caught.value)


def test_nothing_asked_for_is_plain_http():
    assert chosen(Settings()) is None


def test_one_that_has_ended_is_served_with_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    keep(tmp_path / "own", HERE, datetime.now(UTC) - timedelta(days=900))
    pem = (tmp_path / "own" / "server.pem").read_bytes()
    assert chosen(Settings(tls_certificate=tmp_path / "own/server.pem", tls_key=tmp_path / "own/server.pem"))
    assert pem == (tmp_path / "own" / "server.pem").read_bytes()
    assert "is not valid now, and browsers will say so; have it renewed." in caplog.text


@pytest.mark.parametrize("mode", MODES)
def test_files_that_cannot_be_used_end_the_start_in_one_line(mode: str, tmp_path: Path):
    process = begin(REAL, async_mode=mode, tls_certificate=tmp_path / "gone.pem", tls_key=tmp_path / "gone.pem")
    words, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert words.strip() == (
        f"Error: {tmp_path}/gone.pem cannot be read (No such file or directory); name another or let MaskGate read it."
    )
