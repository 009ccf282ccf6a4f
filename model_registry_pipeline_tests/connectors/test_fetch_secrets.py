"""Keys stay where they belong, whatever a server does with them."""

import hashlib
import json
import logging
from urllib.parse import quote

import httpx
import pytest

from model_registry_pipeline.connectors.errors import FetchError
from model_registry_pipeline.connectors.fetch import fetch
from model_registry_pipeline.domain.source import BearerToken, LinkPages
from model_registry_pipeline_tests.connectors.examples import a_source, settings
from model_registry_pipeline_tests.connectors.faulty_server import FaultyServer, raw, respond, respond_json

KEY = 'sk-/01234+56789"abcdef='
SOURCE = a_source(auth=BearerToken("LISTER_KEY"))


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTER_KEY", KEY)


def test_an_echoed_key_is_masked_and_the_original_s_hash_kept(server: FaultyServer) -> None:
    """The rest of the body stays byte for byte."""
    served = b'{ "you": %b, "url": "/x?key=%b", "n": 1.0 }' % (json.dumps(KEY).encode(), quote(KEY, safe="").encode())
    server.play(respond(served))

    answer = fetch(SOURCE, settings())

    (document,) = answer.documents
    assert document.body == b'{ "you": "***", "url": "/x?key=***", "n": 1.0 }'
    assert document.is_masked
    assert answer.original_sha256 == document.original_sha256 == hashlib.sha256(served).digest()


def test_an_answer_without_a_key_is_byte_for_byte(server: FaultyServer) -> None:
    """Then there is no other hash to keep."""
    server.play(respond(b'{"data": []}'))

    answer = fetch(SOURCE, settings())

    assert answer.documents[0].body == b'{"data": []}'
    assert answer.original_sha256 is None


def test_a_masked_page_gives_the_dump_another_original_hash(server: FaultyServer) -> None:
    """One hash for all pages as they were served."""
    first, second = json.dumps(["a"]).encode(), json.dumps(["b", KEY]).encode()
    server.play(respond(first, headers={"Link": '</models?p=2>; rel="next"'}))
    server.play(respond(second), at="/models?p=2")

    answer = fetch(a_source(auth=BearerToken("LISTER_KEY"), pages=LinkPages()), settings())

    digests = hashlib.sha256(first).digest() + hashlib.sha256(second).digest()
    assert answer.original_sha256 == hashlib.sha256(digests).digest()


def test_an_echoed_key_is_masked_in_etag_and_address(server: FaultyServer) -> None:
    """Both are stored beside the dump."""
    echo = quote(KEY, safe="")
    server.play(respond(status=302, headers={"Location": f"/v2/models?key={echo}"}))
    server.play(respond(b"[]", headers={"ETag": f'"{KEY}"'}), at="/v2/models")

    answer = fetch(SOURCE, settings())

    assert answer.etag == '"***"'
    assert answer.url == f"{server.url}/v2/models?key=***"


ECHOES = {
    "in the status line": raw(f"HTTP/1.1 {KEY}\r\n\r\n".encode()),
    "in a header that is broken": raw(f"HTTP/1.1 200 OK\r\n{KEY} : x\r\n\r\n".encode()),
    "in the coding": respond(b"[]", headers={"Content-Encoding": KEY}),
    "in a redirect": respond(status=302, headers={"Location": f"https://elsewhere.example/?key={quote(KEY)}"}),
    "in a redirect that is none": respond(status=302, headers={"Location": f"http://[{KEY}"}),
    "as user and password": respond(
        status=302, headers={"Location": f"https://u:{quote(KEY, safe='')}@elsewhere.example/"}
    ),
    "in the body of a refusal": respond(f"wrong key: {KEY}".encode(), status=401),
}


@pytest.mark.parametrize("name", ECHOES)
def test_no_key_stands_in_an_error_or_a_log(server: FaultyServer, caplog: pytest.LogCaptureFixture, name: str) -> None:
    """Not even a part of it, and whatever the level of the log."""
    caplog.set_level(logging.DEBUG, logger="model_registry_pipeline")
    server.play(ECHOES[name])

    with pytest.raises(FetchError) as failure:
        fetch(SOURCE, settings(attempts=2))

    for told in (str(failure.value), caplog.text):
        assert not any(part in told for part in ("01234", "56789", "abcdef"))
    assert failure.value.__cause__ is None
    assert failure.value.__suppress_context__


@pytest.mark.parametrize("filler", range(430, 470, 5))
def test_a_long_error_is_cut_only_after_masking(filler: int) -> None:
    """Half a key is a key."""

    def fail(_: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("x" * filler + KEY)

    with pytest.raises(FetchError) as failure:
        fetch(SOURCE, settings(attempts=1), transport=httpx.MockTransport(fail))

    assert len(str(failure.value)) <= 500
    assert "sk-" not in str(failure.value)


def test_each_try_is_logged(
    server: FaultyServer, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """An operator sees what is being tried again, and nothing is printed."""
    server.play(respond(status=503), respond_json([]))

    fetch(SOURCE, settings())

    assert [record.getMessage().partition(": ")[2] for record in caplog.records] == [
        "answers 503 Service Unavailable (try 1 of 3)"
    ]
    assert capsys.readouterr().out == ""


def test_httpx_logs_no_addresses(server: FaultyServer, caplog: pytest.LogCaptureFixture) -> None:
    """Its INFO line holds the whole address with its query."""
    caplog.set_level(logging.INFO)
    server.play(respond_json([]))

    fetch(SOURCE, settings())

    assert not [record for record in caplog.records if record.name.startswith("http")]


def test_a_password_in_the_base_url_is_neither_stored_nor_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Someone may put a proxy with basic authentication before a source."""
    with FaultyServer() as server:
        monkeypatch.setenv("LISTER_BASE_URL", server.url.replace("://", "://user:correcthorse@"))
        server.play(respond(b'{"echo": "correcthorse"}'), respond(status=404))

        answer = fetch(a_source(), settings())
        with pytest.raises(FetchError) as failure:
            fetch(a_source(), settings())

    assert answer.url == f"{server.url}/models"
    assert answer.documents[0].body == b'{"echo": "***"}'
    assert "correcthorse" not in str(failure.value)


def test_control_characters_do_not_reach_the_terminal() -> None:
    """A server could otherwise paint over what stands above it."""

    def fail(_: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("\x1b[2J\x9b\r\nfine")

    with pytest.raises(FetchError, match=r"\(\?\[2J\?\?\?fine\)"):
        fetch(SOURCE, settings(attempts=1), transport=httpx.MockTransport(fail))
