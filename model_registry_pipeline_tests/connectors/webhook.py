"""A real webhook on loopback: takes messages, or is down, slow, silent, and answers badly, as it is told."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from select import select
from typing import Any, Self

from model_registry_pipeline_tests.patience import PATIENCE_SECONDS

Answer = int | str
"""A status; or `silent`, `drip`, `reset`, `redirect`."""


@dataclass(frozen=True)
class Received:
    """What came, whether or not it was taken."""

    message_id: str
    headers: dict[str, str]
    """By lower-case name."""
    body: bytes
    answer: Answer

    @property
    def content(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    @property
    def text(self) -> str:
        """What people are shown."""
        return f"{self.content['title']}\n{self.content['message']}"


@dataclass
class Webhook:
    """Listens on 127.0.0.1 from entering to leaving; `answers` say what each request gets, the last one for ever."""

    answers: list[Answer] = field(default_factory=lambda: [200])
    received: list[Received] = field(default_factory=list)
    before_answer: Callable[[], None] = lambda: None
    """Called when a message has come, and before that is said."""
    patience_seconds: int = PATIENCE_SECONDS
    """For which a sender waits for the answer."""

    @property
    def url(self) -> str:
        """As Apprise writes it."""
        return f"json://127.0.0.1:{self._server.server_address[1]}/hook?rto={self.patience_seconds}"

    @property
    def taken(self) -> list[Received]:
        return [each for each in self.received if each.answer == 200]

    @property
    def told(self) -> str:
        """All that people were shown."""
        return "\n".join(each.text for each in self.taken)

    def __enter__(self) -> Self:
        webhook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                with webhook._lock:
                    answer = webhook.answers.pop(0) if len(webhook.answers) > 1 else webhook.answers[0]
                    webhook.received.append(Received(headers.get("webhook-id", ""), headers, body, answer))
                webhook.before_answer()
                with suppress(OSError):
                    self._answer(answer)

            def do_GET(self) -> None:
                """Where a redirect leads: it says yes to everything."""
                self.send_response(200)
                self.end_headers()

            def _answer(self, answer: Answer) -> None:
                match answer:
                    case int():
                        self.send_response(answer)
                        self.send_header("Content-Length", "0")
                        self.end_headers()
                    case "redirect":
                        self.send_response(302)
                        self.send_header("Location", "/elsewhere")
                        self.end_headers()
                    case "drip":
                        for byte in webhook._drops():
                            self.wfile.write(byte)
                            self.wfile.flush()
                    case "silent":
                        webhook._closing.wait()
                    case _:
                        self.connection.close()

            def log_message(self, *_: object) -> None:
                """Nothing: a test speaks by its assertions."""

        class Server(ThreadingHTTPServer):
            daemon_threads = False  # closing waits for each answer
            request_queue_size = 128

            def handle_error(self, *_: object) -> None:
                """A client that is gone is part of the play."""

        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def _drops(self) -> Iterator[bytes]:
        """A status line that never ends, a byte now and then."""
        yield b"HTTP/1.1 200 "
        while not self._closing.wait(0.1):
            yield b"O"

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._thread.join()
        while select([self._server], [], [], 0)[0]:
            # A client may have sent something, and not have waited until anybody looked.
            self._server.handle_request()
        self._server.server_close()
