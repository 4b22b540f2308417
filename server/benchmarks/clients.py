"""Socket clients that ask for frames at a steady rate: a program of its own, so as not to share the server's lock.

`python -m server.benchmarks.clients URL CLIENTS SECONDS` prints one line of JSON.
"""

from __future__ import annotations

import json
import sys
from threading import Event, Thread
from time import monotonic, perf_counter, sleep
from typing import Any

import socketio

from server.benchmarks.picture import camera_jpeg

RATE = 10  # frames a second that each client asks for
PATIENCE = 10.0  # seconds without an answer after which a client gives a frame up


class Client:
    """Sends a frame every 1/RATE seconds, but only after the answer to the last, as the page does.

    latencies: seconds to each result. refused: frames answered so. skipped: frames whose time came before the last
    one's answer, and frames given up.
    """

    def __init__(self, url: str, jpeg: bytes, begin: Event, seconds: float) -> None:
        self.jpeg, self.begin, self.seconds = jpeg, begin, seconds
        self.latencies: list[float] = []
        self.refused = 0
        self.skipped = 0
        self._awaited = -1
        self._answered = Event()
        self._socket = socketio.Client(reconnection=False)
        self._socket.on("result", self._result, namespace="/stream")
        self._socket.on("refused", self._refused, namespace="/stream")
        self._socket.connect(url, namespaces=["/stream"], transports=["websocket"])

    def run(self) -> None:
        self.begin.wait()
        start = monotonic()
        for number in range(int(self.seconds * RATE)):
            due = start + number / RATE
            late = monotonic() - due
            if late > 1 / RATE:
                # The last answer came too late for this frame: a camera would have thrown it away.
                self.skipped += 1
                continue
            sleep(max(-late, 0))
            self._answered.clear()
            self._awaited, refused_before = number, self.refused
            sent = perf_counter()
            self._socket.emit("frame", ({"id": number}, self.jpeg), namespace="/stream")
            if not self._answered.wait(PATIENCE):
                self.skipped += 1
            elif self.refused == refused_before:
                self.latencies.append(perf_counter() - sent)
        self._socket.disconnect()

    def _result(self, message: dict[str, Any]) -> None:
        if message["id"] == self._awaited:  # not a late answer to a frame that was given up
            self._answered.set()

    def _refused(self, message: dict[str, Any]) -> None:
        if message["id"] == self._awaited:
            self.refused += 1
            self._answered.set()


def main(url: str, clients: int, seconds: float) -> None:
    begin, jpeg = Event(), camera_jpeg()
    crowd = [Client(url, jpeg, begin, seconds) for _ in range(clients)]
    threads = [Thread(target=client.run) for client in crowd]
    for thread in threads:
        thread.start()
    begin.set()
    for thread in threads:
        thread.join()
    answer = {
        "latencies": [latency for client in crowd for latency in client.latencies],
        "refused": sum(client.refused for client in crowd),
        "skipped": sum(client.skipped for client in crowd),
    }
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
