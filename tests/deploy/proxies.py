"""nginx and Caddy as programs of their own, with our configurations, only ports, paths and names exchanged."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server.web.certificates import Names, keep

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
NAME = "maskgate.example.org"
PATIENCE = 60

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
CADDY = shutil.which("caddy")
MISSING = "{0} is missing (Debian: apt-get install {0})"

NGINX_MAIN = """
daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


def exchanged(text: str, *changes: tuple[str, str]) -> str:
    """`text` with every change made; each must find something."""
    for old, new in changes:
        assert old in text, f"{old!r} is not in the configuration"
        text = text.replace(old, new)
    return text


def certificate(folder: Path) -> tuple[Path, Path]:
    """A file with key and certificate of the name, and the authority to trust."""
    kept = keep(folder / "tls", Names(frozenset({NAME, "localhost"}), frozenset()))
    return kept.server, kept.authority


def nginx(folder: Path, http: int, https: int, behind: int) -> list[str]:
    """How to start nginx. http, https: ports to listen on. behind: MaskGate's."""
    pem, _ = certificate(folder)
    site = exchanged(
        (DEPLOY / "nginx.conf").read_text(),
        ("listen 80;", f"listen 127.0.0.1:{http};"),
        ("listen [::]:80;", ""),
        ("listen 443 ssl http2;", f"listen 127.0.0.1:{https} ssl http2;"),
        ("listen [::]:443 ssl http2;", ""),
        (f"/etc/letsencrypt/live/{NAME}/fullchain.pem", str(pem)),
        (f"/etc/letsencrypt/live/{NAME}/privkey.pem", str(pem)),
        ("http://127.0.0.1:8000", f"http://127.0.0.1:{behind}"),
    )
    (folder / "site.conf").write_text(site)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "main.conf").write_text(NGINX_MAIN.format(folder=folder, user=user))
    return [str(NGINX), "-p", str(folder), "-c", str(folder / "main.conf"), "-e", str(folder / "error.log")]


def caddy(folder: Path, http: int, https: int, behind: int) -> list[str]:
    """How to start Caddy, as `nginx`."""
    pem, _ = certificate(folder)
    site = exchanged(
        (DEPLOY / "Caddyfile").read_text(),
        (f"{NAME} {{", f"{NAME} {{\n\tbind 127.0.0.1\n\ttls {pem} {pem}"),
        ("127.0.0.1:8000", f"127.0.0.1:{behind}"),
    )
    (folder / "Caddyfile").write_text(f"{{\n\tadmin off\n\thttp_port {http}\n\thttps_port {https}\n}}\n{site}")
    return [str(CADDY), "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


@contextmanager
def program(command: list[str], folder: Path, port: int) -> Iterator[None]:
    """A program that listens on `port`, for a block. folder: its home."""
    environment = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with (folder / "said.txt").open("w") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, env=environment, cwd=folder)
    try:
        deadline = time.monotonic() + PATIENCE
        while not listening(port):
            assert process.poll() is None, (folder / "said.txt").read_text()
            assert time.monotonic() < deadline, f"{command[0]} does not listen"
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


def listening(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]
