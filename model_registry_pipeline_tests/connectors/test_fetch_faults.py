"""What networks and servers do to a download, each over a real socket."""

import errno
import gzip
import os
import socket
import ssl
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from model_registry_pipeline.connectors.client import tls
from model_registry_pipeline.connectors.errors import FetchError
from model_registry_pipeline.connectors.fetch import Answer, fetch
from model_registry_pipeline_tests.connectors.examples import a_source, settings
from model_registry_pipeline_tests.connectors.faulty_server import (
    Act,
    FaultyServer,
    drip,
    endless,
    head,
    raw,
    reset,
    respond,
    respond_json,
    silent,
)
from model_registry_pipeline_tests.patience import LIMITS, PATIENCE_SECONDS

LIST = b'{"data": [{"id": "one"}, {"id": "two"}]}'
GZIP = {"Content-Encoding": "gzip"}
CHUNKED = {"Transfer-Encoding": "chunked"}


def body(answer: Answer) -> bytes:
    (document,) = answer.documents
    return document.body


def zipped(content: bytes = LIST) -> bytes:
    return gzip.compress(content, mtime=0)


TRANSIENT: dict[str, Act] = {
    "reset before the answer": reset(),
    "reset in the headers": reset(head()[:20]),
    "reset in the body": reset(head(headers={"Content-Length": "1000"}) + LIST),
    "closed before the answer": raw(b""),
    "body shorter than its Content-Length": raw(head(headers={"Content-Length": "1000"}) + LIST),
    "chunk size that is no number": raw(head(headers=CHUNKED) + b"zz\r\n" + LIST),
    "last chunk missing": raw(head(headers=CHUNKED) + b"5\r\n[1,2]\r\n"),
    "bad status line": raw(b"HTTP/1.1 two hundred\r\n\r\n"),
    "SSH banner": raw(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "TLS alert on a plain port": raw(b"\x15\x03\x01\x00\x02\x02\x46"),
    "headers without end": raw(b"HTTP/1.1 200 OK\r\n" + b"X-Filler: x\r\n" * 20_000),
    "NUL in a header": raw(b"HTTP/1.1 200 OK\r\nX-Filler: a\0b\r\nContent-Length: 40\r\n\r\n" + LIST),
    "a header of a megabyte": raw(b"HTTP/1.1 200 OK\r\nX-Filler: " + b"x" * 1_000_000 + b"\r\n\r\n" + LIST),
    "two lengths": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
    "gzip cut in the middle": respond(zipped()[:30], headers=GZIP),
    "gzip without its trailer": respond(zipped()[:-8], headers=GZIP),
    "gzip with half its trailer": respond(zipped()[:-4], headers=GZIP),
    "gzip with a bad checksum": respond(zipped()[:-8] + b"\0\0\0\0" + zipped()[-4:], headers=GZIP),
    "gzip followed by garbage": respond(zipped() + b"garbage", headers=GZIP),
    "second gzip member cut": respond(zipped() + zipped()[:-8], headers=GZIP),
    "gzip label on plain text": respond(LIST, headers=GZIP),
    "gzip label on nothing": respond(b"", headers=GZIP),
    "coding that was not asked for": respond(LIST, headers={"Content-Encoding": "br"}),
    "unknown coding": respond(LIST, headers={"Content-Encoding": "x-secret-sauce"}),
    "coded twice": respond(zipped(zipped()), headers={"Content-Encoding": "gzip, gzip"}),
    "304 that was not asked for": respond(status=304),
}


@pytest.mark.parametrize("act", [pytest.param(act, id=name) for name, act in TRANSIENT.items()])
def test_a_broken_answer_is_tried_again(server: FaultyServer, act: Act) -> None:
    """One broken answer leaves no trace: the list is as if nothing had happened."""
    server.play(act, respond(LIST))

    answer = fetch(a_source(), settings())

    assert body(answer) == LIST
    assert len(server.requests) == 2


@pytest.mark.parametrize("act", [pytest.param(act, id=name) for name, act in TRANSIENT.items()])
def test_an_answer_that_stays_broken_fails_its_source(server: FaultyServer, act: Act) -> None:
    """After as many tries as are allowed, one line says who and what; nothing is given back."""
    server.play(act)

    with pytest.raises(FetchError) as failure:
        fetch(a_source(), settings(attempts=3))

    assert failure.value.tries == len(server.requests) == 3
    assert str(failure.value).startswith(f"lister ({server.url.removeprefix('http://')}): ")
    assert str(failure.value).endswith("the next sync tries again")


def test_a_refused_connection_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens: the operating system's own words, after three tries."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("LISTER_BASE_URL", f"http://127.0.0.1:{unused.getsockname()[1]}")

        with pytest.raises(FetchError, match="Connection refused") as failure:
            fetch(a_source(), settings())

    assert failure.value.tries == 3


def test_a_host_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its packets go nowhere, as behind a firewall: the wait for a connection is bounded."""
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for waiting in (first, second):  # whoever comes now finds the queue full, and nobody answers
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        monkeypatch.setenv("LISTER_BASE_URL", f"http://127.0.0.1:{full.getsockname()[1]}")
        started = time.monotonic()

        with pytest.raises(FetchError, match=r"no connection within MODEL_REGISTRY_CONNECT_TIMEOUT_SECONDS \(2 tries"):
            fetch(a_source(), settings(connect_timeout_seconds=0.2, attempts=2))

    assert time.monotonic() - started < 100


def test_an_unknown_host_is_told_with_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """`.invalid` never resolves (RFC 2606)."""
    monkeypatch.setenv("LISTER_BASE_URL", "http://nowhere.invalid")

    with pytest.raises(FetchError, match=r"^lister \(nowhere\.invalid\): "):
        fetch(a_source(), settings())


@pytest.mark.parametrize(
    "base",
    ["http://exa mple", "http://[::1", "http://127.0.0.1:99999", "http://xn--", f"http://{'a' * 70}.example"],
)
def test_an_address_that_is_none_fails_only_its_source(monkeypatch: pytest.MonkeyPatch, base: str) -> None:
    """httpx raises InvalidURL, which is no HTTPError, or UnicodeError."""
    monkeypatch.setenv("LISTER_BASE_URL", base)

    with pytest.raises(FetchError, match="lister"):
        fetch(a_source(), settings(attempts=1))


def test_a_host_with_several_addresses_is_told_with_the_first_reason() -> None:
    """The layers between wrap what the system said in groups and generalities."""

    def refuse(_: httpx.Request) -> httpx.Response:
        refused = [ConnectionRefusedError(errno.ECONNREFUSED, f"Connect call failed {address}") for address in "ab"]
        raise httpx.ConnectError("All attempts failed") from ExceptionGroup("two addresses", refused)

    with pytest.raises(FetchError, match=r"no whole answer \(Connection refused\)"):
        fetch(a_source(), settings(attempts=1), transport=httpx.MockTransport(refuse))


# -- time and size -------------------------------------------------------------------------------------------------

SLOW: dict[str, Act] = {
    "headers byte by byte": drip(head(headers={"X-Filler": "x" * 1000})),
    "body byte by byte": drip(b" ", start=head()),
    "silence": silent,
    "empty gzip members for ever": endless(head(headers=GZIP), zipped(b"")),
}


@pytest.mark.parametrize("act", [pytest.param(act, id=name) for name, act in SLOW.items()])
def test_a_slow_answer_ends_at_the_deadline(server: FaultyServer, act: Act) -> None:
    """httpx's timeouts are between two bytes; the deadline is for all of it."""
    server.play(act)
    started = time.monotonic()

    with pytest.raises(FetchError, match="no whole list within"):
        fetch(a_source(), settings(deadline_seconds=0.3))

    assert time.monotonic() - started < PATIENCE_SECONDS


def test_the_deadline_holds_over_tries_and_waits(server: FaultyServer) -> None:
    """Retries and the delays between them do not start the clock anew."""
    server.play(respond(status=503))
    for limit in LIMITS:
        server.requests.clear()
        with pytest.raises(FetchError, match="no whole list within"):
            fetch(a_source(), settings(deadline_seconds=limit, attempts=10, retry_delay_seconds=limit / 3))
        if len(server.requests) > 1:
            break

    assert len(server.requests) > 1


def test_silence_is_a_try_of_its_own(server: FaultyServer) -> None:
    """A server that hangs once is asked again before the deadline."""
    server.play(silent, respond(LIST))

    assert body(fetch(a_source(), settings(read_timeout_seconds=0.5, attempts=10))) == LIST


HUGE: dict[str, Act] = {
    "white space for ever": endless(head(), b" " * 65536),
    "chunks for ever": endless(head(headers=CHUNKED), b"8000\r\n" + b" " * 0x8000 + b"\r\n"),
    "gzip bomb": respond(zipped(bytes(50_000_000)), headers=GZIP),
    "bomb in the second member": respond(zipped() + zipped(bytes(50_000_000)), headers=GZIP),
    "one byte too many": respond(b" " * 1_000_001),
    "a length of a terabyte": endless(head(headers={"Content-Length": str(10**12)}), b" " * 65536),
}


@pytest.mark.parametrize("act", [pytest.param(act, id=name) for name, act in HUGE.items()])
def test_a_huge_answer_is_dropped_at_the_limit(server: FaultyServer, act: Act) -> None:
    """Decompressed bytes are counted, and more of them will not come by asking again."""
    server.play(act)

    with pytest.raises(FetchError, match="MODEL_REGISTRY_MAX_BYTES") as failure:
        fetch(a_source(), settings(max_bytes=1_000_000))

    assert failure.value.tries == 1


def test_an_answer_of_just_the_limit_is_taken(server: FaultyServer) -> None:
    """The limit is the largest list, not the first that is too large."""
    server.play(respond(b" " * 1000))

    assert len(body(fetch(a_source(), settings(max_bytes=1000)))) == 1000


def test_a_large_answer_lies_on_disk(server: FaultyServer) -> None:
    """Beyond 4 MB a document is a temporary file; its bytes are the same, as often as they are read."""
    content = os.urandom(5_000_000)
    server.play(respond(content))

    answer = fetch(a_source(), settings())

    assert answer.documents[0]._file._rolled
    assert body(answer) == body(answer) == content


def test_a_full_disk_is_told_as_such(server: FaultyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """No room for a large answer is this machine's fault, and is not tried again."""
    monkeypatch.setattr("tempfile.TemporaryFile", _no_space)
    server.play(respond(bytes(5_000_000)))

    with pytest.raises(FetchError, match=r"cannot be kept in .* \(No space left on device\)") as failure:
        fetch(a_source(), settings())

    assert failure.value.tries == 1


def _no_space(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


# -- content codings -----------------------------------------------------------------------------------------------

WHOLE: dict[str, Act] = {
    "plain": respond(LIST),
    "no Content-Length": raw(head() + LIST),
    "chunks": raw(head(headers=CHUNKED) + b"%x\r\n%b\r\n0\r\n\r\n" % (len(LIST), LIST)),
    "identity": respond(LIST, headers={"Content-Encoding": "identity"}),
    "gzip": respond(zipped(), headers=GZIP),
    "GZIP": respond(zipped(), headers={"Content-Encoding": " GZIP "}),
    "x-gzip": respond(zipped(), headers={"Content-Encoding": "x-gzip"}),
    "gzip, byte by byte": raw(
        head(headers=CHUNKED | GZIP) + b"".join(b"1\r\n%c\r\n" % byte for byte in zipped()) + b"0\r\n\r\n"
    ),
    "two gzip members": respond(zipped(LIST[:10]) + zipped(LIST[10:]), headers=GZIP),
    "an empty first member": respond(zipped(b"") + zipped(), headers=GZIP),
    "a charset that is not so": respond(LIST, headers={"Content-Type": "application/json; charset=utf-16"}),
    "another type": respond(LIST, headers={"Content-Type": "text/html"}),
    "a header of bytes": raw(head(headers={"X-Filler": "\xff\xfe"}) + LIST),
    "a folded header": raw(head(headers={"X-Filler": "a\r\n b"}) + LIST),
    "ninety headers": raw(head(headers={f"X-Filler-{number}": "x" for number in range(90)}) + LIST),
}


@pytest.mark.parametrize("act", [pytest.param(act, id=name) for name, act in WHOLE.items()])
def test_every_whole_answer_is_the_same_list(server: FaultyServer, act: Act) -> None:
    """However it is framed and coded, all of it arrives, and it arrives once."""
    server.play(act)

    answer = fetch(a_source(), settings())

    assert body(answer) == LIST
    assert (answer.status, len(server.requests)) == (200, 1)


@pytest.mark.parametrize("is_told", [True, False], ids=["with its length", "without a length"])
@pytest.mark.parametrize("content", [b"", b"<html>login</html>", b"\xff\xfe", zipped(), LIST[:20]], ids=repr)
def test_what_is_no_list_is_kept_as_evidence(server: FaultyServer, content: bytes, is_told: bool) -> None:
    """Whether a 200 holds a list is not for the network to say: its bytes come back as they are."""
    server.play(respond(content) if is_told else raw(head() + content))

    assert body(fetch(a_source(), settings())) == content


# -- statuses ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [202, 204, 408, 425, 429, 500, 502, 503, 504, 520, 529, 599, 999])
def test_a_passing_trouble_is_tried_again(server: FaultyServer, status: int) -> None:
    """Two troubled answers and a good one give what one good answer gives."""
    server.play(respond(status=status), respond(status=status), respond(LIST))

    assert body(fetch(a_source(), settings())) == LIST


@pytest.mark.parametrize(
    "status", [201, 203, 206, 300, 400, 402, 404, 405, 407, 409, 410, 418, 421, 426, 431, 451, 501, 505]
)
def test_a_refusal_is_final(server: FaultyServer, status: int) -> None:
    """Asking again would change nothing; where it may have moved, the variable is named."""
    server.play(respond(LIST, status=status))

    with pytest.raises(FetchError, match=rf"answers {status} .*LISTER_BASE_URL") as failure:
        fetch(a_source(), settings())

    assert failure.value.tries == len(server.requests) == 1


@pytest.mark.parametrize(
    "wait", ["0", "-5", "soon", "", "NaN", "inf", "1e999", "Wed, 21 Oct 2015 07:28:00 GMT", "Fri, 99 Foo 2026"]
)
def test_a_senseless_retry_after_is_passed_over(server: FaultyServer, wait: str) -> None:
    """Our own delay holds then; never a negative or an endless sleep."""
    server.play(respond(status=503, headers={"Retry-After": wait}), respond(LIST))

    answer = fetch(a_source(), settings())

    assert answer.seconds < settings().retry_after_cap_seconds


@pytest.mark.parametrize("wait", ["0.3", "date", "date of a clock that is wrong"])
def test_a_retry_after_is_honoured(server: FaultyServer, wait: str) -> None:
    """Seconds or a date; a date counts from the server's own `Date`."""
    server_clock = datetime.now(UTC).replace(microsecond=0) - timedelta(days=700 if "wrong" in wait else 0)
    headers = {"Retry-After": wait}
    if wait.startswith("date"):
        later = server_clock + timedelta(seconds=1)
        headers = {
            "Date": format_datetime(server_clock, usegmt=True),
            "Retry-After": format_datetime(later, usegmt=True),
        }
    server.play(respond(status=429, headers=headers), respond(LIST))

    answer = fetch(a_source(), settings())

    assert answer.seconds >= (0.3 if wait == "0.3" else 1)


@pytest.mark.parametrize("wait", ["61", "999999999", "Fri, 31 Dec 2100 23:59:59 GMT"])
def test_a_retry_after_beyond_the_cap_ends_the_tries(server: FaultyServer, wait: str) -> None:
    """Coming back too early helps nobody: the next sync does."""
    server.play(respond(status=429, headers={"Retry-After": wait}))

    with pytest.raises(FetchError, match="MODEL_REGISTRY_RETRY_AFTER_CAP_SECONDS"):
        fetch(a_source(), settings(retry_after_cap_seconds=60))

    assert len(server.requests) == 1


# -- TLS -----------------------------------------------------------------------------------------------------------


YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Issued:
    """A certificate that says of itself who it is, and its key."""

    certificate: Path
    key: Path

    def serving(self, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> FaultyServer:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # the old versions are meant
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = version
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.load_cert_chain(self.certificate, self.key)
        return FaultyServer(tls=context)


def issued(folder: Path, address: str = "127.0.0.1", until: timedelta = YEAR) -> Issued:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, address)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - 2 * YEAR)
        .not_valid_after(now + until)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    made = Issued(folder / "certificate.pem", folder / "key.pem")
    made.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    made.key.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    return made


@pytest.fixture
def trust(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Issued], None]]:
    """Makes a certificate's issuer one's own authority, as SSL_CERT_FILE does."""

    def trusted(made: Issued) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(made.certificate))
        tls.cache_clear()

    yield trusted
    tls.cache_clear()


@pytest.mark.parametrize(
    ("but", "is_trusted", "reason"),
    [
        pytest.param({}, False, "self-signed certificate", id="nobody's authority"),
        pytest.param({"until": -YEAR}, True, "certificate has expired", id="expired"),
        pytest.param({"address": "127.0.0.2"}, True, "IP address mismatch", id="another host's"),
    ],
)
def test_an_untrusted_certificate_is_final(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    trust: Callable[[Issued], None],
    but: dict[str, Any],
    is_trusted: bool,
    reason: str,
) -> None:
    """Verification is never off, a certificate does not get better by asking again, and nothing is asked: whoever
    stands at an address that is not his learns no key."""
    made = issued(tmp_path, **but)
    if is_trusted:
        trust(made)
    with made.serving() as server:
        server.play(respond_json({"data": []}))
        monkeypatch.setenv("LISTER_BASE_URL", server.url)

        with pytest.raises(FetchError, match=rf"certificate is not trusted \(.*{reason}.*SSL_CERT_FILE") as failure:
            fetch(a_source(), settings())

    assert failure.value.tries == 1
    assert not server.requests


def test_an_authority_of_ones_own_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trust: Callable[[Issued], None]
) -> None:
    """By SSL_CERT_FILE, as behind a company's proxy."""
    made = issued(tmp_path)
    trust(made)
    with made.serving() as server:
        server.play(respond(LIST))
        monkeypatch.setenv("LISTER_BASE_URL", server.url)

        assert body(fetch(a_source(), settings())) == LIST


def test_an_old_tls_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trust: Callable[[Issued], None]
) -> None:
    """TLS 1.1 is broken; nothing is asked over it."""
    made = issued(tmp_path)
    trust(made)
    with made.serving(ssl.TLSVersion.TLSv1_1) as server:
        server.play(respond(LIST))
        monkeypatch.setenv("LISTER_BASE_URL", server.url)

        with pytest.raises(FetchError, match=r"no whole answer \(.*(?i:protocol|version)"):
            fetch(a_source(), settings())

    assert not server.requests
