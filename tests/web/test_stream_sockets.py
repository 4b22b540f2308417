"""The stream over real sockets, in both async modes, with workers that do what a frame tells them."""

from __future__ import annotations

import signal
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
import socketio
import websocket

from server.vision.limits import MAX_REST_BYTES, MAX_SOCKET_BYTES
from tests.web.running import PATIENCE, RawClient, Running, answer, ask, order, send, until

FOREIGN = "http://example.org"


def hold(client: socketio.SimpleClient, path: Path, number: int = 1) -> None:
    """Send a frame that stays in its worker; returns when it has arrived there."""
    send(client, number, order(do="hang", touch=str(path)))
    until(path.exists, "the frame to arrive in the worker")


def worker(server: Running) -> psutil.Process:
    """The only worker, as soon as it is ready."""
    until(lambda: requests.get(f"{server.url}/healthz", timeout=PATIENCE).status_code == 200, "a worker")
    (found,) = server.workers()
    return found


def counted(server: Running, name: str) -> float:
    """A counter of `/metrics`."""
    lines = requests.get(f"{server.url}/metrics", timeout=PATIENCE).text.splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))


def test_a_frame_before_configure_and_after(stand_in: Running):
    client = stand_in.client({"stream": "front door"})
    event, message = ask(client, 17, order())
    assert (event, message["model"], message["detector"], message["dropped"]) == ("result", "tiny", "eyes", 0)
    assert message["timing_ms"].keys() >= {"queue", "decode", "total"}
    in_force = {"model": "tiny", "detector": "eyes", "min_score": 0.25, "smoothing": 0.2, "clock": "arrival"}
    assert client.call("configure", {"min_score": 0.25}) == in_force
    assert client.call("configure", {"model": "huge"})["error"]["code"] == "unknown_model"
    assert ask(client, "a name", order())[0] == "result"
    client.disconnect()


@pytest.mark.parametrize("size", [MAX_SOCKET_BYTES + 1, 7_000_000, MAX_REST_BYTES], ids=["2 MB + 1", "7 MB", "8 MB"])
def test_a_frame_over_the_limit_is_refused_and_the_connection_stays_up(stand_in: Running, size: int):
    client = stand_in.client()
    event, message = ask(client, 1, bytes(size))
    assert (event, message["code"]) == ("refused", "too_large")
    assert "2 MB" in message["message"]
    assert ask(client, 2, order().ljust(MAX_SOCKET_BYTES))[0] == "result"
    client.disconnect()


def test_a_message_far_over_the_limit_ends_its_own_connection_alone(stand_in: Running):
    client, raw = stand_in.client(), RawClient(stand_in)
    raw.join()
    with suppress(OSError, websocket.WebSocketException):  # it may be closed while we still send
        raw.frame(1, bytes(20 * 2**20))
    with suppress(OSError, websocket.WebSocketException):
        assert not raw.socket.recv()
    assert ask(client, 1, order())[0] == "result"
    client.disconnect()


def test_of_fifty_frames_without_waiting_each_is_answered_once(stand_in: Running):
    client = stand_in.client()
    for number in range(50):
        send(client, number, order(do="sleep", seconds=0.3 if number == 0 else 0))
    answers = [answer(client) for _ in range(50)]
    assert Counter(message["id"] for _, message in answers) == Counter(range(50))
    superseded = [message for event, message in answers if event == "refused"]
    assert {message["code"] for message in superseded} == {"superseded"}
    last = next(message for _, message in answers if message["id"] == 49)
    assert last["dropped"] == len(superseded)
    client.disconnect()


def test_two_clients_at_once_get_fair_shares(stand_in: Running):
    """One sends five frames at a time, the other one, each after its last result."""
    clients = {"greedy": stand_in.client(), "modest": stand_in.client()}
    served: Counter[str] = Counter()

    def more(name: str) -> None:
        for number in range(5 if name == "greedy" else 1):
            send(clients[name], number, order(do="sleep", seconds=0.05))

    for name in clients:
        more(name)
    deadline = time.monotonic() + PATIENCE
    while served.total() < 30:
        assert time.monotonic() < deadline
        for name, client in clients.items():
            with suppress(socketio.exceptions.TimeoutError):
                if client.receive(0.005)[0] == "result":
                    served[name] += 1
                    more(name)
    assert min(served.values()) >= 10, served
    for client in clients.values():
        client.disconnect()


def test_a_client_that_does_not_read_slows_no_other_and_is_cut_off(stand_in: Running):
    client, idle = stand_in.client(), RawClient(stand_in, buffer=4096)
    idle.join()
    cut_off = counted(stand_in, "maskgate_streams_cut_off_total")
    for number in range(30):  # a quarter of a megabyte each: more than the system holds for it
        answered = counted(stand_in, "maskgate_frames_answered_total")
        idle.frame(number, order(faces=2000))
        until(lambda: counted(stand_in, "maskgate_frames_answered_total") > answered, "the answer")  # noqa: B023
        if number % 5 == 0:
            assert ask(client, number, order())[0] == "result"
    with suppress(OSError, websocket.WebSocketException):
        for _ in range(400):
            idle.socket.send('42/stream,["no event"]')
    until(lambda: counted(stand_in, "maskgate_streams_cut_off_total") > cut_off, "the end of the idle client")
    assert ask(client, 100, order())[0] == "result"
    until(lambda: counted(stand_in, "maskgate_streams") == 1, "the idle client to be forgotten")
    client.disconnect()
    until(lambda: counted(stand_in, "maskgate_streams") == 0, "the other to be gone")


def test_a_worker_killed_in_mid_frame_costs_that_frame(stand_in: Running, tmp_path: Path):
    client, lost = stand_in.client(), worker(stand_in)
    hold(client, tmp_path / "here", 1)
    lost.kill()
    killed = time.monotonic()
    event, message = answer(client)
    assert (event, message["id"], message["code"]) == ("refused", 1, "worker_lost")
    event, message = ask(client, 2, order())
    assert (event, message["width"] == lost.pid) == ("result", False)
    assert time.monotonic() - killed < 10  # a second on a machine that does nothing else
    client.disconnect()


def test_a_worker_stopped_in_mid_frame_counts_as_hung(stand_in: Running, tmp_path: Path):
    client, hung = stand_in.client(), worker(stand_in)
    hold(client, tmp_path / "here", 1)
    hung.send_signal(signal.SIGSTOP)
    event, message = answer(client)
    assert (event, message["id"], message["code"]) == ("refused", 1, "timed_out")
    event, message = ask(client, 2, order())
    assert (event, message["width"] == hung.pid) == ("result", False)
    until(lambda: not hung.is_running(), "the stopped worker to be gone")
    client.disconnect()


@pytest.mark.parametrize("options", [{"origin": FOREIGN}, {"origin": "null"}, {"header": {"X-Forwarded-For": "::1"}}])
def test_a_foreign_handshake_is_refused(stand_in: Running, options: dict[str, Any]):
    with pytest.raises(websocket.WebSocketBadStatusException) as caught:
        RawClient(stand_in, **options)
    assert caught.value.status_code == 403


def test_a_program_without_an_origin_may_join(stand_in: Running):
    raw = RawClient(stand_in, suppress_origin=True)
    raw.join()
    raw.socket.close()


def test_polling_is_refused(stand_in: Running):
    address = f"{stand_in.url}/socket.io/?EIO=4&transport=polling"
    assert requests.get(address, timeout=PATIENCE).status_code == 400
    with pytest.raises(socketio.exceptions.ConnectionError):
        socketio.SimpleClient(reconnection=False).connect(stand_in.url, namespace="/stream", transports=["polling"])


@pytest.mark.parametrize("auth", [{"stream": "x" * 65}, {"stream": 5}])
def test_a_name_that_is_none_is_refused(stand_in: Running, auth: object):
    with pytest.raises(socketio.exceptions.ConnectionError):
        stand_in.client(auth)


@pytest.mark.parametrize("message", ["4", "42/stream,[]", "42/stream,[" + "[" * 100_000, "49/stream,[1]", "6", "2"])
def test_nonsense_harms_nobody_else(stand_in: Running, message: str):
    client, raw = stand_in.client(), RawClient(stand_in)
    raw.join()
    raw.socket.send(message)
    assert ask(client, 1, order())[0] == "result"
    raw.socket.close()
    client.disconnect()


@pytest.mark.parametrize("chunked", [False, True], ids=["with a length", "in chunks"])
def test_rest_takes_a_body(stand_in: Running, chunked: bool):
    body = iter([order(), b" ", b" " * 70_000]) if chunked else order()
    answer = requests.post(f"{stand_in.url}/api/v1/detect", data=body, timeout=PATIENCE)
    assert (answer.status_code, answer.json().get("model")) == (200, "tiny")


@pytest.mark.parametrize("headers", [{}, {"Expect": "100-continue"}, {"Origin": FOREIGN}])
def test_rest_refuses_a_large_body_by_an_answer_not_by_a_reset(stand_in: Running, headers: dict[str, str]):
    with requests.Session() as session:
        answer = session.post(
            f"{stand_in.url}/api/v1/detect", data=bytes(10_000_000), headers=headers, timeout=PATIENCE
        )
        assert answer.status_code == (403 if "Origin" in headers else 413)
        assert answer.json()["error"]["message"]
        again = session.post(f"{stand_in.url}/api/v1/detect", data=order(), timeout=PATIENCE)
        assert again.status_code == 200


def test_rest_refuses_a_large_body_in_chunks(stand_in: Running):
    pieces = (bytes(2**20) for _ in range(10))
    try:
        answer = requests.post(f"{stand_in.url}/api/v1/detect", data=pieces, timeout=PATIENCE)
    except requests.ConnectionError:
        return  # where it ends is not known beforehand: it may be cut off before all is sent
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")


def test_a_stream_that_says_goodbye_is_closed_at_once(stand_in: Running):
    raw = RawClient(stand_in)
    raw.join()
    raw.socket.send("1")  # Engine.IO's close
    assert raw.socket.recv() == ""  # the web socket's, which is answered in kind
    raw.socket.sock.settimeout(20)  # it was a minute when it was kept alive for another request
    with suppress(ConnectionResetError):
        assert raw.socket.sock.recv(1) == b""
    until(lambda: counted(stand_in, "maskgate_streams") == 0, "it to be forgotten")
