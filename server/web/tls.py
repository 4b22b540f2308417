"""HTTPS: the certificate in use, and how a connection becomes an encrypted one."""

from __future__ import annotations

import logging
import re
import socket
import ssl
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from server.settings import Settings
from server.web.certificates import Names, fingerprint, keep
from server.web.shared_socket import SharedSocket

log = logging.getLogger(__name__)

HANDSHAKE_S = 10
CLIENT_HELLO = b"\x16"
"""The first byte of every TLS connection."""
HOST = re.compile(r"[A-Za-z0-9._-]+(:\d+)?|\[[0-9a-fA-F:.]+\](:\d+)?")


class CertificateError(Exception):
    """A certificate or key that cannot be used; the message says why and what to do."""


class Tls:
    """A context that encrypts, and a line about the certificate it shows."""

    def __init__(self, file: Path, key: Path, about: str) -> None:
        """file: PEM, the server's certificate first. key: PEM. Raises CertificateError where OpenSSL takes neither."""
        self.about = about
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._context.sslsocket_class = SharedSocket  # eventlet has one of its own
        try:
            self._context.load_cert_chain(file, key)
        except ssl.SSLError as fault:
            raise CertificateError(
                f"{file} and {key} cannot be used ({fault.reason}); have them issued anew."
            ) from None

    def secure(self, connection: socket.socket) -> socket.socket | None:
        """Encrypt an accepted connection; one whose client speaks plain HTTP comes back as it is.

        It waits for the client, HANDSHAKE_S at most for each step: call it where that holds up nobody else.
        Returns None where the client broke off, as browsers do that do not trust us.
        """
        connection.settimeout(HANDSHAKE_S)
        try:
            if connection.recv(1, socket.MSG_PEEK) != CLIENT_HELLO:
                return connection
            return self._context.wrap_socket(connection, server_side=True)
        except OSError as fault:
            log.debug("No TLS connection came about: %s", fault)
            return None


def chosen(settings: Settings) -> Tls | None:
    """What the settings ask for; None means plain HTTP.

    Raises CertificateError for settings that contradict each other and files that cannot be used, and StateError.
    """
    file, key = settings.tls_certificate, settings.tls_key
    if settings.tls == "self-signed":
        if file or key:
            raise CertificateError(
                "MASKGATE_TLS=self-signed makes a certificate, and MASKGATE_TLS_CERTIFICATE or MASKGATE_TLS_KEY "
                "names one; set the one or the others."
            )
        kept = keep(settings.state_dir / "tls", Names.of_this_machine(settings.public_url))
        return Tls(kept.server, kept.server, _about(_certificate(kept.server), f"; to be trusted: {kept.authority}"))
    if file is None and key is None:
        return None
    if file is None or key is None:
        missing = "MASKGATE_TLS_CERTIFICATE" if file is None else "MASKGATE_TLS_KEY"
        raise CertificateError(f"A certificate needs its key and a key its certificate; set {missing} too.")
    certificate = _certificate(file)
    _check_key(key, certificate, file)
    if not certificate.not_valid_before_utc <= datetime.now(UTC) <= certificate.not_valid_after_utc:
        log.warning("The certificate in %s is not valid now, and browsers will say so; have it renewed.", file)
    return Tls(file, key, _about(certificate, ""))


def is_encrypted(connection: socket.socket) -> bool:
    return isinstance(connection, ssl.SSLSocket)


def only_encrypted(app: WSGIApplication) -> WSGIApplication:
    """Send those who speak plain HTTP to https, at the same port."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["wsgi.url_scheme"] == "https":
            return app(environ, start_response)
        request = Request(environ)
        # What a program has sent openly is not to be sent on as if nothing had happened.
        page = request.method in ("GET", "HEAD") and "Upgrade" not in request.headers
        if page and HOST.fullmatch(request.host):
            response = redirect(request.url.replace("http", "https", 1), 308)
        else:
            response = Response("This port speaks https only.\n", 400)
        response.headers["Connection"] = "close"
        return response(environ, start_response)

    return answer


def _certificate(file: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificates(_bytes(file))[0]
    except ValueError:
        raise CertificateError(
            f"{file} holds no certificate in PEM form; name the file with the whole chain."
        ) from None


def _check_key(file: Path, certificate: x509.Certificate, certificate_file: Path) -> None:
    try:
        key = serialization.load_pem_private_key(_bytes(file), None)
    except TypeError:
        raise CertificateError(
            f"The key in {file} is locked by a passphrase; unlock it: openssl pkey -in {file} -out unlocked.key."
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise CertificateError(f"{file} holds no private key in PEM form; name the certificate's key.") from None
    if key.public_key() != certificate.public_key():
        raise CertificateError(
            f"The key in {file} is not that of the first certificate in {certificate_file}; name the two that belong "
            "together, the server's certificate before its authority's."
        )


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as fault:
        raise CertificateError(
            f"{file} cannot be read ({fault.strerror}); name another or let MaskGate read it."
        ) from None


def _about(certificate: x509.Certificate, more: str) -> str:
    return f"Certificate until {certificate.not_valid_after_utc:%Y-%m-%d}, SHA-256 {fingerprint(certificate)}{more}"
