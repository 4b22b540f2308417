"""HTTPS in both async modes, over real sockets, and the certificate files that are told apart."""

from __future__ import annotations

import hashlib
import json
import os
import random
import socket
import ssl
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests
import websocket
from cryptography import x509

from server.settings import Settings
from server.web.certificates import Names, fingerprint, keep
from server.web.shared_socket import SharedSocket
from server.web.tls import chosen
from tests.web.running import MODES, PATIENCE, STAND_IN, RawClient, Running, order, running, until

HERE = Names(frozenset({"localhost"}), frozenset())


@pytest.fixture(scope="module", params=MODES)
def encrypted(
    request: pytest.FixtureRequest, tiny_models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """The server with one obedient worker, by a certificate of its own making."""
    state = tmp_path_factory.mktemp("state")
    settings = {"models_dir": tiny_models, "model": "tiny", "detector": "eyes", "workers": 1}
    with running(STAND_IN, async_mode=request.param, tls="self-signed", state_dir=state, **settings) as server:
        server.trust = state / "tls" / "authority.crt"
        yield server
        assert "Traceback" not in "".join(server.said)


def get(server: Running, path: str) -> requests.Response:
    return requests.get(server.url + path, verify=str(server.trust), timeout=PATIENCE)


def count(server: Running, name: str) -> float:
    lines = get(server, "/metrics").text.splitlines()
    return next(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name + " "))


def joined(server: Running, **options: Any) -> RawClient:
    """A client of the stream. A proper one reads and writes by several threads, and over TLS not safely."""
    client = RawClient(server, **options)
    client.join()
    return client


def answer(client: RawClient, data: bytes) -> dict[str, Any]:
    """What a frame is answered with."""
    client.frame(1, data)
    while not (text := client.socket.recv()).startswith("42/stream,"):
        assert text == "2", "nothing else but the server's ping"
    event, message = json.loads(text.removeprefix("42/stream,"))
    assert event == "result"
    return message


def raw(server: Running) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_who_trusts_the_authority_gets_pages_and_answers(encrypted: Running, name: str):
    assert encrypted.url.startswith("https://")
    page = requests.get(f"https://{name}:{encrypted.port}/", verify=str(encrypted.trust), timeout=PATIENCE)
    assert page.status_code == 200
    assert f"connect-src 'self' wss://{name}:{encrypted.port};" in page.headers["Content-Security-Policy"]
    client = joined(encrypted, origin=encrypted.url)
    assert len(answer(client, order())["faces"]) == 1
    client.socket.close()


def test_long_frames_and_long_answers_arrive_whole(encrypted: Running):
    """An encrypted record carries 16 kB."""
    client = joined(encrypted)
    for _ in range(3):
        assert len(answer(client, order(faces=300, filling="x" * 1_500_000))["faces"]) == 300
    client.socket.close()


def test_what_is_sent_is_compared_with_the_fingerprint_that_was_printed(encrypted: Running):
    until(lambda: any("SHA-256" in line for line in encrypted.said), "the line about the certificate")
    pem = ssl.get_server_certificate(("127.0.0.1", encrypted.port))
    assert fingerprint(x509.load_pem_x509_certificate(pem.encode())) in "".join(encrypted.said)


def test_silent_handshakes_hold_nobody_up(encrypted: Running):
    with ExitStack() as all_open:
        for number in range(40):
            silent = all_open.enter_context(raw(encrypted))
            if number % 2:
                silent.sendall(b"\x16\x03\x01\x02\x00\x01")  # the beginning of a greeting
        client = joined(encrypted)
        assert answer(client, order())
        assert get(encrypted, "/healthz").status_code == 200
        client.socket.close()


def test_a_silent_handshake_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("server.web.tls.HANDSHAKE_S", 0.05)
    tls = chosen(Settings(tls="self-signed", state_dir=tmp_path))
    assert tls is not None
    for said in (b"", b"\x16\x03\x01\x02\x00\x01"):
        ours, theirs = socket.socketpair()
        theirs.sendall(said)
        assert tls.secure(ours) is None
        ours.close()
        theirs.close()


def test_plain_http_is_sent_to_https(encrypted: Running):
    plain = encrypted.url.replace("https", "http")
    answer = requests.get(f"{plain}/models?sort=size%20", timeout=PATIENCE, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (308, f"{encrypted.url}/models?sort=size%20")
    posted = requests.post(f"{plain}/api/v1/detect", data=b"x", timeout=PATIENCE, allow_redirects=False)
    assert (posted.status_code, posted.text) == (400, "This port speaks https only.\n")
    with pytest.raises(websocket.WebSocketBadStatusException, match="400"):
        websocket.create_connection(plain.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket")


@pytest.mark.parametrize("host", ["a b", "x\r\n Set-Cookie: a=b", "evil.example/path?"])
def test_nobody_is_sent_to_a_host_that_is_none(encrypted: Running, host: str):
    with raw(encrypted) as plain:
        plain.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        answer = plain.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"Set-Cookie" not in answer
    assert b"Location" not in answer


@pytest.mark.parametrize("data", [b"\x00" * 100, b"SSH-2.0-x\r\n\r\n", b"\x16\x03\x01\x00\x05hello"])
def test_noise_is_turned_away(encrypted: Running, data: bytes):
    with raw(encrypted) as noisy, suppress(ConnectionResetError):
        noisy.sendall(data)
        noisy.shutdown(socket.SHUT_WR)
        noisy.makefile("rb").read()  # it ends
    assert get(encrypted, "/healthz").status_code == 200


def test_old_tls_is_refused_and_new_taken(encrypted: Running):
    with pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"):
        version(encrypted, ssl.TLSVersion.TLSv1_1)
    assert version(encrypted, ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
    assert version(encrypted, ssl.TLSVersion.TLSv1_3) == "TLSv1.3"


def version(server: Running, wanted: ssl.TLSVersion) -> str | None:
    context = ssl.create_default_context(cafile=str(server.trust))
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        context.minimum_version = context.maximum_version = wanted
    with raw(server) as plain, context.wrap_socket(plain, server_hostname="localhost") as connection:
        return connection.version()


def test_who_does_not_trust_it_goes_away_unheard(encrypted: Running):
    for _ in range(3):
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(encrypted.url, timeout=PATIENCE)
    assert get(encrypted, "/healthz").status_code == 200


@pytest.mark.parametrize(("scheme", "status"), [("https", "101"), ("http", "403")])
def test_the_origin_is_that_of_the_encrypted_page(encrypted: Running, scheme: str, status: str):
    origin = f"{scheme}://127.0.0.1:{encrypted.port}"
    if status == "101":
        RawClient(encrypted, origin=origin).socket.close()
    else:
        with pytest.raises(websocket.WebSocketBadStatusException, match=status):
            RawClient(encrypted, origin=origin)


def test_a_client_that_does_not_read_is_cut_off(encrypted: Running):
    idle, client = joined(encrypted, buffer=4096), joined(encrypted)
    before = count(encrypted, "maskgate_streams_cut_off_total")
    for _ in range(12):
        idle.frame(1, order(faces=2000))
        answer(client, order())  # comes after the other's: there is one worker
    with suppress(OSError, websocket.WebSocketException):
        for _ in range(400):
            idle.socket.send('42/stream,["no event"]')
    until(lambda: count(encrypted, "maskgate_streams_cut_off_total") > before, "the end of the idle client")
    assert answer(client, order())
    client.socket.close()
    until(lambda: count(encrypted, "maskgate_streams") == 0, "both to be gone")


@pytest.mark.parametrize("mode", MODES)
def test_it_ends_with_encrypted_clients_connected(mode: str, tiny_models: Path, tmp_path: Path):
    settings = {"models_dir": tiny_models, "model": "tiny", "detector": "eyes", "workers": 1}
    with running(STAND_IN, async_mode=mode, tls="self-signed", state_dir=tmp_path, **settings) as server:
        server.trust = tmp_path / "tls" / "authority.crt"
        client, silent = joined(server), raw(server)
        assert answer(client, order())
        server.stop()
        assert server.process.returncode == 0
        assert "Traceback" not in "".join(server.said)
        silent.close()


Pair = tuple[ssl.SSLSocket, ssl.SSLSocket]


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    """Both ends of one encrypted connection."""
    kept = keep(tmp_path / "tls", HERE)
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    server.load_cert_chain(kept.server)
    client.load_verify_locations(kept.authority)
    server.sslsocket_class = client.sslsocket_class = SharedSocket
    plain = socket.socketpair()
    ends: list[ssl.SSLSocket] = []
    thread = Thread(target=lambda: ends.append(server.wrap_socket(plain[0], server_side=True)))
    thread.start()
    ends.append(client.wrap_socket(plain[1], server_hostname="localhost"))
    thread.join(PATIENCE)
    assert len(ends) == 2
    yield ends[0], ends[1]
    for end in ends:
        end.close()


def test_a_thread_reads_while_another_writes(pair: Pair):
    """16 MB both ways at once, in pieces of any size."""
    pieces = [os.urandom(random.Random(seed).randrange(1, 200_000)) for seed in range(160)]
    whole = hashlib.sha256(b"".join(pieces)).digest()
    length = sum(map(len, pieces))
    received: dict[int, bytes] = {}

    def read(number: int) -> None:
        digest, left = hashlib.sha256(), length
        while left:
            data = pair[number].recv(min(left, 65_536))
            digest.update(data)
            left -= len(data)
        received[number] = digest.digest()

    def write(number: int) -> None:
        for piece in pieces:
            assert pair[number].send(piece) == len(piece)

    threads = [Thread(target=work, args=(number,)) for work in (read, write) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert received == {0: whole, 1: whole}


def test_a_shared_connection_waits_no_longer_than_it_may(pair: Pair):
    one, other = pair
    one.settimeout(0.05)
    with pytest.raises(TimeoutError):
        one.recv(1)
    other.close()
    assert one.recv(1) == b""
    one.close()
    with pytest.raises(OSError, match="Bad file"):
        one.send(b"x")
