"""The names and addresses of this machine, and what the server says of itself once it is ready."""

from __future__ import annotations

import contextlib
import io
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address

import psutil
import segno

Address = IPv4Address | IPv6Address

LOOPBACK: tuple[Address, ...] = (IPv4Address("127.0.0.1"), IPv6Address("::1"))
ELSEWHERE = "192.0.2.1"
"""An address that belongs to nobody (RFC 5737): asking for the way there sends nothing."""


def host_names() -> tuple[str, ...]:
    """This machine's own names: as it calls itself, without its domain, and as mDNS announces it (`.local`)."""
    name = socket.gethostname().lower().rstrip(".")
    short = name.partition(".")[0]
    return tuple(dict.fromkeys(found for found in (name, short, f"{short}.local") if _is_dns_name(found)))


def network_addresses() -> tuple[Address, ...]:
    """The addresses at which others on the network reach this machine, the one of the default route first.

    Public IPv6 addresses are left out: most of them are temporary.
    """
    up = {name for name, state in psutil.net_if_stats().items() if state.isup}
    found = [
        ip_address(entry.address)
        for name, entries in psutil.net_if_addrs().items()
        for entry in entries
        if name in up and entry.family in (socket.AF_INET, socket.AF_INET6) and "%" not in entry.address
    ]
    main = _default_route()
    lasting = [
        one for one in found if not one.is_loopback and not one.is_link_local and (one.version == 4 or one.is_private)
    ]
    return tuple(sorted(dict.fromkeys(lasting), key=lambda address: (address != main, address.version)))


def urls(scheme: str, host: str, port: int) -> list[str]:
    """Where a server that listens on `host` can be opened, this machine's own address first.

    host: an address; 0.0.0.0 and :: mean all of this machine's.
    """
    address = ip_address(host)
    if not address.is_unspecified:
        return [_url(scheme, host, port)]
    reached = [one for one in network_addresses() if address.version != 4 or one.version == 4]
    local = [name for name in host_names() if name.endswith(".local")]
    return [_url(scheme, name, port) for name in ("localhost", *map(str, reached), *local)]


def qr_code(url: str) -> str:
    """A QR code for a terminal, two modules a line of text."""
    out = io.StringIO()
    segno.make(url, micro=False).terminal(out, compact=True)
    return out.getvalue()


def greeting(urls: list[str], public_url: str | None, certificate: str | None, qr: bool) -> str:
    """What is said once requests are answered.

    urls: as `urls` gives them. public_url: by which others open it, if it is set. certificate: a line about the
    server's own, None where it has none. qr: draw the address that others open.
    """
    lines = [f"MaskGate is ready: open {urls[0]}"]
    others = [public_url] if public_url else [url for url in urls if not is_loopback(url)]
    if others and others != urls:
        lines.append(f"From other machines: {' or '.join(others)}")
    if others and not others[0].startswith("https"):
        lines.append(
            "Browsers open a camera only over https, except on this machine: "
            "set MASKGATE_TLS=self-signed, or put a proxy that speaks https in front (docs/deploy.md)."
        )
    if certificate:
        lines.append(certificate)
    if others and qr:
        lines.append(qr_code(others[0]))
    return "\n".join(lines)


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine alone."""
    host = url.partition("://")[2].rpartition(":")[0].strip("[]")
    with contextlib.suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"


def _url(scheme: str, host: str, port: int) -> str:
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _default_route() -> Address | None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect((ELSEWHERE, 9))
        return ip_address(probe.getsockname()[0])
    return None


def _is_dns_name(name: str) -> bool:
    """Whether a certificate can carry it: a host may call itself anything."""
    parts = name.split(".")
    return all(
        part.replace("-", "").isalnum() and part.isascii() and len(part) < 64 and part.strip("-") == part
        for part in parts
    )
