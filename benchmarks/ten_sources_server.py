"""A loopback server that answers for many sources at once, each with its newest recorded payload, after a set wait.

`GET /<source>/whatever` is answered with that source's payload, whatever follows, so that any source is pointed here
by `<SOURCE>_BASE_URL=http://127.0.0.1:PORT/<source>`. Every request is answered in a thread of its own: the waits run
side by side. No ETag is sent, so that each sync gets, stores and reads the whole list. No page links either.
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread

DUMPS = Path(".dumps")
LATENCY_SECONDS = 0.3


class Recordings(ThreadingHTTPServer):
    """The server: payloads by source, the wait, and how often each source was asked."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, payloads: dict[str, bytes], latency_seconds: float, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Answer)
        self.payloads = payloads
        self.latency_seconds = latency_seconds
        self.asked: Counter[str] = Counter()
        self.lock = Lock()

    def environment(self) -> dict[str, str]:
        """The variables that send each source here."""
        return {
            f"{source.upper()}_BASE_URL": f"http://127.0.0.1:{self.server_port}/{source}" for source in self.payloads
        }


class Answer(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    server: Recordings

    def do_GET(self) -> None:
        """Wait, then the payload, or 404 for a source that has none."""
        source = self.path.split("?")[0].strip("/").partition("/")[0]
        with self.server.lock:
            self.server.asked[source] += 1
        time.sleep(self.server.latency_seconds)
        body = self.server.payloads.get(source)
        self.send_response(200 if body is not None else 404)
        body = body if body is not None else json.dumps({"error": f"no payload for {source!r}"}).encode()
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silent: the benchmark's table is the output."""


def recorded(folder: Path, sources: Sequence[str] = ()) -> dict[str, bytes]:
    """The newest payload of each source of `folder/<source>/<instant>.json`; of all that are there, or of some."""
    newest = {path.name: sorted(path.glob("*.json"))[-1:] for path in sorted(folder.iterdir()) if path.is_dir()}
    wanted = sources or [source for source, paths in newest.items() if paths]
    missing = [source for source in wanted if not newest.get(source)]
    if missing:
        raise SystemExit(f"{folder} holds no recorded dumps of {', '.join(missing)}")
    return {source: newest[source][0].read_bytes() for source in wanted}


@contextmanager
def serving(payloads: dict[str, bytes], latency_seconds: float = LATENCY_SECONDS) -> Iterator[Recordings]:
    """The server on a free port, in a thread, until the block ends."""
    server = Recordings(payloads, latency_seconds)
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
    parser.add_argument("sources", nargs="*", help="without any: every folder of recorded dumps")
    parser.add_argument("--payloads", type=Path, default=DUMPS, help="holds <source>/<instant>.json")
    parser.add_argument("--latency-ms", type=float, default=LATENCY_SECONDS * 1000)
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    options = parser.parse_args()
    server = Recordings(recorded(options.payloads, options.sources), options.latency_ms / 1000, options.port)
    for variable, url in server.environment().items():
        print(f"export {variable}={url}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()


if __name__ == "__main__":
    main()
