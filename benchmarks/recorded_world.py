"""A loopback server that is every source at once: each one's newest recorded answer, page by page, after a set wait.

A source is sent here by its own variables (`<SOURCE>_BASE_URL` and dummies for its keys), which `World.environment`
gives. Requests are answered side by side. No ETag is sent, so that each sync gets, stores and reads the whole list.
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from urllib.parse import parse_qs, urlsplit

from benchmarks.recorded import DUMPS, answers
from model_registry_pipeline.domain.source import CursorPages, NamedPages, NumberedPages, Source
from model_registry_pipeline.sources import all_sources, source_named

LATENCY_SECONDS = 0.3
ANYTHING = "anything"
"""Each key, and what stands at each place of an address."""


@dataclass(frozen=True)
class Recorded:
    """One source's newest answer."""

    source: Source
    documents: list[bytes]

    def page(self, path: str, query: dict[str, list[str]]) -> bytes | None:
        """What a request gets; None: there is nothing."""
        pages = self.source.pages
        if isinstance(pages, NamedPages):
            files = json.loads(self.documents[0])
            named = [name for name in files if path.endswith(self.source.path.replace("{file}", name))]
            return json.dumps(files[named[0]]).encode() if named else None
        if isinstance(pages, NumberedPages):
            number = int(query.get(pages.parameter, ["1"])[0])
            none = json.dumps({pages.records_field: []}).encode()
            return self.documents[number - 1] if number <= len(self.documents) else none
        if isinstance(pages, CursorPages) and pages.parameter in query:
            # A page names a next one that nobody recorded: it is without models.
            return json.dumps({getattr(self.source.layout, "at", None) or "data": []}).encode()
        return self.documents[0]


class World(ThreadingHTTPServer):
    """The server: what each source answers, the wait, and how often each was asked."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, recorded: Sequence[Recorded], latency_seconds: float, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Answer)
        self.recorded = {each.source.name: each for each in recorded}
        self.latency_seconds = latency_seconds
        self.asked: Counter[str] = Counter()
        self.lock = Lock()

    def handle_error(self, *_: object) -> None:
        """A client that goes away is no fault of the server's."""

    def environment(self) -> dict[str, str]:
        """The variables that send each source here, and let it in."""
        here = f"http://127.0.0.1:{self.server_port}"
        found = {f"{name.upper()}_BASE_URL": f"{here}/{name}" for name in self.recorded}
        variables = [variable for each in self.recorded.values() for variable in each.source.variables]
        return found | {variable.name: ANYTHING for variable in variables if variable.default is None}


class Answer(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    server: World

    def do_GET(self) -> None:
        """Wait, then the page, or 404 where there is none."""
        asked = urlsplit(self.path)
        source = asked.path.strip("/").partition("/")[0]
        with self.server.lock:
            self.server.asked[source] += 1
        time.sleep(self.server.latency_seconds)
        recorded = self.server.recorded.get(source)
        body = recorded.page(asked.path, parse_qs(asked.query)) if recorded else None
        self.send_response(200 if body is not None else 404)
        body = body if body is not None else json.dumps({"error": f"nothing is recorded of {source!r}"}).encode()
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silent: the benchmark's table is the output."""


def newest(dumps: Path, sources: Sequence[str] = ()) -> list[Recorded]:
    """The newest whole answer of some sources; without any, of all that are asked over the network."""
    wanted = [source_named(name) for name in sources] or [source for source in all_sources() if source.base_url]
    found = [(source, _last(source, dumps)) for source in wanted]
    missing = [source.name for source, documents in found if documents is None]
    if missing and sources:
        raise SystemExit(f"{dumps} holds no recorded answer of {', '.join(missing)}")
    return [Recorded(source, documents) for source, documents in found if documents is not None]


def _last(source: Source, dumps: Path) -> list[bytes] | None:
    last = None
    for answer in answers(source.name, dumps):
        if not isinstance(source.pages, NamedPages) or b'"pricing/' in answer.documents[0]:
            last = answer.documents
    return last


@contextmanager
def serving(recorded: Sequence[Recorded], latency_seconds: float = LATENCY_SECONDS) -> Iterator[World]:
    """The server on a free port, in a thread, until the block ends."""
    server = World(recorded, latency_seconds)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def main() -> None:
    """Serve until interrupted; the variables to export are printed first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sources", nargs="*", help="without any: all of which an answer is recorded")
    parser.add_argument("--dumps", type=Path, default=DUMPS, help="recorded dumps, unpacked")
    parser.add_argument("--latency-ms", type=float, default=LATENCY_SECONDS * 1000)
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    options = parser.parse_args()
    server = World(newest(options.dumps, options.sources), options.latency_ms / 1000, options.port)
    for variable, value in server.environment().items():
        print(f"export {variable}={value}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()


if __name__ == "__main__":
    main()
