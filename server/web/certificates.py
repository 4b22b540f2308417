"""Certificates of our own making: an authority that people trust once, and the server's certificate signed by it.

Were the server's certificate its own authority, a new address of the machine would ask for trust on every phone and
kiosk anew. What the authority may sign for is bound to this machine's names and to private networks, so that its key,
if stolen, opens nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from server.web.access.state import StateFolder
from server.web.addresses import LOOPBACK, Address, host_names, network_addresses

SERVER, AUTHORITY, AUTHORITY_KEY = "server.pem", "authority.crt", "authority.key"
AUTHORITY_DAYS = 3650
SERVER_DAYS = 800
"""Phones of Apple accept at most 825."""
RENEW_DAYS = 400
"""Looked at when the server starts, so that it can run on for a year."""
CLOCKS_DIFFER = timedelta(days=1)
PRIVATE = tuple(
    ip_network(network)
    for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8", "::1/128")
) + (ip_network("fc00::/7"),)

Key = ec.EllipticCurvePrivateKey
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Names:
    """What a certificate is for."""

    dns: frozenset[str]
    addresses: frozenset[Address]

    @classmethod
    def of_this_machine(cls, public_url: str | None = None) -> Names:
        """public_url: another address that it goes by."""
        dns, addresses = {"localhost", *host_names()}, {*LOOPBACK, *network_addresses()}
        if public := urlsplit(public_url or "").hostname:
            try:
                addresses.add(ip_address(public))
            except ValueError:
                dns.add(public)
        return cls(frozenset(dns), frozenset(addresses))

    @classmethod
    def on(cls, certificate: x509.Certificate) -> Names:
        try:
            names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except x509.ExtensionNotFound:
            return cls(frozenset(), frozenset())
        addresses = names.get_values_for_type(x509.IPAddress)
        return cls(
            frozenset(names.get_values_for_type(x509.DNSName)),
            frozenset(one for one in addresses if not isinstance(one, Network)),
        )

    def within(self, other: Names) -> bool:
        return self.dns <= other.dns and self.addresses <= other.addresses

    def general(self) -> list[x509.GeneralName]:
        dns = [x509.DNSName(name) for name in sorted(self.dns)]
        return [*dns, *(x509.IPAddress(address) for address in sorted(self.addresses, key=str))]


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: Key

    def lasts(self, days: int, now: datetime) -> bool:
        return self.certificate.not_valid_before_utc <= now <= self.certificate.not_valid_after_utc - timedelta(days)


@dataclass(frozen=True, slots=True)
class Kept:
    """Where the server's key and certificates lie. server: key, certificate and authority. authority: to be trusted."""

    server: Path
    authority: Path


def keep(folder: Path, names: Names, now: datetime | None = None) -> Kept:
    """The server's certificate for `names`, made anew only where there is none that does or it nears its end.

    folder: private; made if it is missing. now: with its time zone.
    Raises StateError where it cannot be kept.
    """
    now, files = now or datetime.now(UTC), StateFolder(folder)
    with files.alone():
        authority, server = _read(files, AUTHORITY_KEY, AUTHORITY), _read(files, SERVER, SERVER)
        if authority is None or not authority.lasts(SERVER_DAYS, now) or not _may_sign(authority, names):
            authority, server = _make_authority(names, now), None
            files.write(AUTHORITY_KEY, _pem(authority.key))
            files.write(AUTHORITY, _pem(authority.certificate))
        if (
            server is None
            or not server.lasts(RENEW_DAYS, now)
            or not names.within(Names.on(server.certificate))
            or not _signed(server, authority)
        ):
            server = _make_server(authority, names, now)
            files.write(SERVER, _pem(server.key) + _pem(server.certificate) + _pem(authority.certificate))
    return Kept(folder / SERVER, folder / AUTHORITY)


def fingerprint(certificate: x509.Certificate) -> str:
    """Its SHA-256 as browsers and openssl show it."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def _make_authority(names: Names, now: datetime) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _called(f"MaskGate's authority on {_machine(names)}")
    allowed = [x509.DNSName(one) for one in sorted(names.dns)]
    networks = [*PRIVATE, *(ip_network(str(one)) for one in _outside(names.addresses))]
    builder = (
        _builder(name, name, key, AUTHORITY_DAYS, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(x509.NameConstraints([*allowed, *map(x509.IPAddress, networks)], None), critical=True)
    )
    return Pair(builder.sign(key, hashes.SHA256()), key)


def _make_server(authority: Pair, names: Names, now: datetime) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    signer = authority.key.public_key()
    builder = (
        _builder(_called(_machine(names)), authority.certificate.subject, key, SERVER_DAYS, now)
        .add_extension(x509.SubjectAlternativeName(names.general()), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer), critical=False)
    )
    return Pair(builder.sign(authority.key, hashes.SHA256()), key)


def _builder(subject: x509.Name, issuer: x509.Name, key: Key, days: int, now: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCKS_DIFFER)
        .not_valid_after(now + timedelta(days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _machine(names: Names) -> str:
    return min(names.dns - {"localhost"} or names.dns, key=lambda name: (len(name), name))


def _called(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _usage(**wanted: bool) -> x509.KeyUsage:
    every = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**(dict.fromkeys(every, False) | wanted))


def _outside(addresses: Iterable[Address]) -> list[Address]:
    """Those that lie in no private network."""
    return [one for one in sorted(addresses, key=str) if not any(one in network for network in PRIVATE)]


def _may_sign(authority: Pair, names: Names) -> bool:
    try:
        allowed = authority.certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return False
    subtrees = allowed.permitted_subtrees or []
    dns = {one.value for one in subtrees if isinstance(one, x509.DNSName)}
    networks = [one.value for one in subtrees if isinstance(one, x509.IPAddress)]
    return names.dns <= dns and all(
        any(isinstance(network, Network) and address in network for network in networks) for address in names.addresses
    )


def _signed(server: Pair, authority: Pair) -> bool:
    try:
        server.certificate.verify_directly_issued_by(authority.certificate)
    except Exception:  # noqa: BLE001 - whatever is the matter, it is not ours
        return False
    return True


def _read(files: StateFolder, key_name: str, certificate_name: str) -> Pair | None:
    """A pair that was kept; None where it is missing, damaged or does not belong together."""
    try:
        key = serialization.load_pem_private_key(files.read(key_name) or b"", None)
        certificate = x509.load_pem_x509_certificate(files.read(certificate_name) or b"")
    except (ValueError, TypeError):
        return None
    return Pair(certificate, key) if isinstance(key, Key) and certificate.public_key() == key.public_key() else None


def _pem(what: PrivateKeyTypes | x509.Certificate) -> bytes:
    if isinstance(what, x509.Certificate):
        return what.public_bytes(serialization.Encoding.PEM)
    return what.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
