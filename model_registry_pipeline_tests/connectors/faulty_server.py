"""A real server on loopback that answers as it is told, byte for byte: the dial of faults.

`server.play(act, act, …)` says what happens to the first request, the second …; the last act goes on for ever.
"""

import json
import socket
import socketserver
import ssl
import struct
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Self

from model_registry_pipeline_tests.patience import PATIENCE_SECONDS

Act = Callable[["Stage"], None]


@dataclass
class Stage:
    """One connection, on which an act plays."""

    connection: socket.socket
    closing: threading.Event

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def wait(self, seconds: float) -> None:
        self.closing.wait(seconds)

    @property
    def is_open(self) -> bool:
        return not self.closing.is_set()


@dataclass(frozen=True)
class Request:
    """What a client asked."""

    target: str
    """Path and query."""
    headers: Mapping[str, str]
    """By lower-case name."""


@dataclass
class FaultyServer:
    """Listens on 127.0.0.1 from entering to leaving."""

    tls: ssl.SSLContext | None = None
    requests: list[Request] = field(default_factory=list)
    _scripts: dict[str, list[Act]] = field(default_factory=dict)
    _closing: threading.Event = field(default_factory=threading.Event)

    def play(self, *acts: Act, at: str = "/models") -> None:
        """Say what happens to the requests for a path (query and all, or without), one after the other."""
        self._scripts[at] = list(acts)

    @property
    def url(self) -> str:
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        stage = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                # A client that goes away is part of the play.
                with suppress(OSError):
                    stage._serve(self.request)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            request_queue_size = 128  # all sources may come at once

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _serve(self, connection: socket.socket) -> None:
        if self.tls is not None:
            with self.tls.wrap_socket(connection, server_side=True) as secured:
                self._answer(secured)
        else:
            self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(PATIENCE_SECONDS)
        head = b""
        while b"\r\n\r\n" not in head:
            received = connection.recv(65536)
            if not received:
                return
            head += received
        first, *lines = head.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        target = first.split(" ")[1]
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        self.requests.append(Request(target, headers))
        script = self._scripts.get(target) or self._scripts.get(target.split("?")[0]) or [respond(status=404)]
        act = script.pop(0) if len(script) > 1 else script[0]
        act(Stage(connection, self._closing))


# -- acts ----------------------------------------------------------------------------------------------------------


def respond(body: bytes = b"", status: int = 200, headers: Mapping[str, str] | None = None) -> Act:
    """A well-formed answer, with the length of its body."""
    return raw(head(status, {"Content-Length": str(len(body)), **(headers or {})}) + body)


def respond_json(value: Any, headers: Mapping[str, str] | None = None) -> Act:
    return respond(json.dumps(value).encode(), headers={"Content-Type": "application/json", **(headers or {})})


def raw(data: bytes) -> Act:
    """Exactly these bytes, then an orderly end of the connection."""
    return lambda stage: stage.send(data)


def reset(after: bytes = b"") -> Act:
    """These bytes, then a TCP reset."""

    def act(stage: Stage) -> None:
        stage.send(after)
        time.sleep(0.02)  # what is sent may otherwise be thrown away by the reset
        stage.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        stage.connection.close()

    return act


def drip(data: bytes, start: bytes = b"", seconds: float = 0.02) -> Act:
    """A start, then one byte at a time, over and over."""

    def act(stage: Stage) -> None:
        stage.send(start)
        position = 0
        while stage.is_open:
            stage.send(data[position : position + 1])
            position = (position + 1) % len(data)
            stage.wait(seconds)

    return act


def endless(start: bytes, piece: bytes) -> Act:
    """A start, then the same piece for ever, as fast as it is read."""

    def act(stage: Stage) -> None:
        stage.send(start)
        while stage.is_open:
            stage.send(piece)

    return act


class Crowd:
    """Answers that wait until so many are asked for at once, and how many were at most."""

    def __init__(self, expected: int) -> None:
        self.most = 0
        self._now = 0
        self._lock = threading.Lock()
        self._together = threading.Barrier(expected, timeout=PATIENCE_SECONDS)

    def answer(self, act: Act) -> Act:
        """An answer that waits for the others."""

        def late(stage: Stage) -> None:
            with self._lock:
                self._now += 1
                self.most = max(self.most, self._now)
            self._together.wait()
            stage.wait(0.1)  # one more would come now
            with self._lock:
                self._now -= 1
            act(stage)

        return late


def silent(stage: Stage) -> None:
    """Takes the request and says nothing."""
    while stage.is_open:
        stage.wait(0.05)


def head(status: int = 200, headers: Mapping[str, str] | None = None) -> bytes:
    """The status line and the headers, up to the empty line."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Unheard Of"
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in (headers or {}).items())]
    return ("\r\n".join([*lines, "Connection: close"]) + "\r\n\r\n").encode("latin-1")
