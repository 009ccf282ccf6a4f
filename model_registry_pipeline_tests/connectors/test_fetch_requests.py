"""What is asked, with which key, and where a request may go."""

import httpx
import pytest

from model_registry_pipeline.connectors.errors import FetchError, NotConfiguredError
from model_registry_pipeline.connectors.fetch import fetch
from model_registry_pipeline.domain.source import BearerToken, KeyHeader, LinkPages, Source
from model_registry_pipeline_tests.connectors.examples import a_source, settings
from model_registry_pipeline_tests.connectors.faulty_server import FaultyServer, raw, respond

KEY = "sk-0123456789abcdef"


class Recorder(httpx.MockTransport):
    """Answers everything with an empty list, and keeps what was asked."""

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.requests: list[httpx.Request] = []

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(200, json=[])


def asked(source: Source, **but: object) -> httpx.Request:
    recorder = Recorder()
    fetch(source, settings(), transport=recorder, **but)  # type: ignore[arg-type]
    return recorder.requests[0]


def test_a_request_says_who_asks_and_what_it_takes() -> None:
    """Project and version, JSON, and no coding but the one that is undone here."""
    headers = asked(a_source()).headers

    assert headers["User-Agent"].startswith("model-registry-pipeline/")
    assert headers["Accept"] == "application/json"
    assert headers["Accept-Encoding"] == "gzip"


def test_the_path_stays_behind_a_base_url_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """`<SOURCE>_BASE_URL` takes the place of the base alone, with or without a slash at its end."""
    monkeypatch.setenv("LISTER_BASE_URL", "http://127.0.0.1:9000/lister/v1/")

    assert str(asked(a_source(query={"a": "b"})).url) == "http://127.0.0.1:9000/lister/v1/models?a=b"


def test_a_parameter_of_the_caller_takes_the_place_of_the_source_s() -> None:
    """The others stay."""
    url = asked(a_source(query={"limit": "10", "sort": "name"}), query={"limit": "20"}).url

    assert dict(url.params) == {"limit": "20", "sort": "name"}


def test_hugging_face_is_asked_for_as_many_as_the_setting_says() -> None:
    """Its list has two million models; a page holds 1,000 at most."""
    recorder = Recorder()
    source = a_source(name="huggingface", query={"limit": "5", "full": "true"}, pages=LinkPages())
    for limit in (300, 3000):
        fetch(source, settings(huggingface_limit=limit), transport=recorder)

    assert [request.url.params["limit"] for request in recorder.requests] == ["300", "1000"]


# -- keys ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        (BearerToken("LISTER_KEY"), "Authorization", f"Bearer {KEY}"),
        (KeyHeader("LISTER_KEY", header="x-api-key"), "x-api-key", KEY),
    ],
    ids=["bearer", "header"],
)
def test_a_key_goes_into_its_header(
    monkeypatch: pytest.MonkeyPatch, auth: BearerToken | KeyHeader, header: str, value: str
) -> None:
    """And nowhere else."""
    monkeypatch.setenv("LISTER_KEY", KEY)

    request = asked(a_source(auth=auth))

    assert request.headers[header] == value
    assert KEY not in str(request.url)


def test_a_missing_key_is_no_failure() -> None:
    """The source is not configured; the text names the variable to set."""
    with pytest.raises(NotConfiguredError, match="set LISTER_KEY"):
        fetch(a_source(auth=BearerToken("LISTER_KEY")), settings())


@pytest.mark.parametrize(("set_ones", "taken"), [(("B", "C"), "B"), (("A", "C"), "A"), (("C",), "C")])
def test_a_key_may_be_kept_in_one_of_several_variables(
    server: FaultyServer, monkeypatch: pytest.MonkeyPatch, set_ones: tuple[str, ...], taken: str
) -> None:
    """The first that is set is taken, and it is the one that a refusal names."""
    for name in set_ones:
        monkeypatch.setenv(f"LISTER_{name}", f"key-of-{name}")
    auth = BearerToken("LISTER_A", others=("LISTER_B", "LISTER_C"))
    server.play(respond(status=401))

    with pytest.raises(FetchError, match=f"the key in LISTER_{taken} is wrong"):
        fetch(a_source(auth=auth), settings())

    assert server.requests[0].headers["authorization"] == f"Bearer key-of-{taken}"


def test_all_the_variables_of_a_missing_key_are_named() -> None:
    """Any of them will do."""
    with pytest.raises(NotConfiguredError, match="set LISTER_A or LISTER_B"):
        fetch(a_source(auth=BearerToken("LISTER_A", others=("LISTER_B",))), settings())


def test_a_source_does_without_an_optional_key() -> None:
    """Then no header is sent at all."""
    request = asked(a_source(auth=BearerToken("LISTER_KEY", required=False)))

    assert "Authorization" not in request.headers


@pytest.mark.parametrize("key", ["sk-new\nline-in-it", "sk-clé-française", "sk-\x7fdelete"], ids=ascii)
def test_a_key_that_no_header_can_carry_is_told_by_its_variable(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    """The HTTP library would name the value."""
    monkeypatch.setenv("LISTER_KEY", key)

    with pytest.raises(FetchError, match="LISTER_KEY") as failure:
        fetch(a_source(auth=BearerToken("LISTER_KEY")), settings())

    assert key not in str(failure.value)


def test_a_local_source_without_an_address_is_not_configured() -> None:
    """All the variables that may hold it are named."""
    with pytest.raises(NotConfiguredError, match="set LISTER_BASE_URL or LISTER_HOST"):
        fetch(a_source(local=True, address_variables=("LISTER_HOST",)), settings())


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_told_by_its_variable(
    server: FaultyServer, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """A configuration error: final, and it says where to look, not what was there."""
    monkeypatch.setenv("LISTER_KEY", KEY)
    server.play(respond(status=status))

    with pytest.raises(FetchError, match="the key in LISTER_KEY is wrong") as failure:
        fetch(a_source(auth=BearerToken("LISTER_KEY")), settings())

    assert failure.value.tries == 1
    assert KEY not in str(failure.value)


@pytest.mark.parametrize(
    ("auth", "advice"),
    [(None, "takes no key"), (BearerToken("LISTER_KEY", required=False), "set LISTER_KEY")],
    ids=["no key known", "optional key not set"],
)
def test_a_refusal_without_a_key_says_what_could_help(
    server: FaultyServer, auth: BearerToken | None, advice: str
) -> None:
    """There is no key to renew then."""
    server.play(respond(status=401))

    with pytest.raises(FetchError, match=advice):
        fetch(a_source(auth=auth), settings())


# -- conditional requests ------------------------------------------------------------------------------------------


def test_a_304_to_our_question_says_that_nothing_changed(server: FaultyServer) -> None:
    """No documents; the ETag stays, also where the answer does not repeat it."""
    server.play(respond(status=304))

    answer = fetch(a_source(), settings(), etag='"v1"')

    assert server.requests[0].headers["if-none-match"] == '"v1"'
    assert (answer.not_modified, answer.documents, answer.status, answer.etag) == (True, (), 304, '"v1"')


def test_a_304_may_make_the_etag_weak(server: FaultyServer) -> None:
    """Proxies that compress do (RFC 9110, 8.8.3.2)."""
    server.play(respond(status=304, headers={"ETag": 'W/"v1"'}))

    assert fetch(a_source(), settings(), etag='"v1"').not_modified


def test_a_304_for_another_etag_is_broken(server: FaultyServer) -> None:
    """A cache that mixes up answers would otherwise freeze the list."""
    server.play(respond(status=304, headers={"ETag": '"v2"'}))

    with pytest.raises(FetchError, match="another ETag"):
        fetch(a_source(), settings(), etag='"v1"')


def test_a_list_in_pages_is_never_asked_conditionally(server: FaultyServer) -> None:
    """A 304 to the first page says nothing about the others."""
    server.play(respond(b"[1]", headers={"ETag": '"v2"'}))

    answer = fetch(a_source(pages=LinkPages()), settings(), etag='"v1"')

    assert "if-none-match" not in server.requests[0].headers
    assert answer.etag is None


@pytest.mark.parametrize(
    ("stated", "kept"),
    [('"v1"', '"v1"'), ('W/"v1"', 'W/"v1"'), ("", None), ('"\xe9"', None), (f'"{"x" * 2000}"', None)],
    ids=["strong", "weak", "empty", "not ASCII", "huge"],
)
def test_an_etag_is_kept_where_it_can_be_sent_back(server: FaultyServer, stated: str, kept: str | None) -> None:
    """One that no header can carry would break the next request."""
    server.play(respond(b"[]", headers={"ETag": stated}))

    assert fetch(a_source(), settings()).etag == kept


# -- redirects -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_within_the_origin_is_followed(
    server: FaultyServer, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """With the key: it is the same server."""
    monkeypatch.setenv("LISTER_KEY", KEY)
    server.play(respond(status=status, headers={"Location": "/v2/models?page=1"}))
    server.play(respond(b"[]"), at="/v2/models")

    answer = fetch(a_source(auth=KeyHeader("LISTER_KEY", header="x-api-key")), settings())

    assert answer.url == f"{server.url}/v2/models?page=1"
    assert [request.headers["x-api-key"] for request in server.requests] == [KEY, KEY]


def test_a_redirect_to_another_origin_is_blocked(server: FaultyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another port is another origin: nothing arrives there, least of all the key."""
    monkeypatch.setenv("LISTER_KEY", KEY)
    with FaultyServer() as canary:
        server.play(respond(status=302, headers={"Location": f"{canary.url}/models"}))

        with pytest.raises(FetchError, match="another origin") as failure:
            fetch(a_source(auth=KeyHeader("LISTER_KEY", header="x-api-key")), settings())

        assert not canary.requests
    assert failure.value.tries == 1


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "gopher://127.0.0.1/x",
        "data:application/json,[]",
        "http://169.254.169.254/latest/meta-data",
        "//elsewhere.example/models",
        "https://127.0.0.1:1/",
        "http://[::1",
        "http://127.0.0.1:port/",
        "http://exa mple/",
        "http://xn--/",
    ],
)
def test_a_redirect_to_anything_else_is_blocked(server: FaultyServer, location: str) -> None:
    """Files, metadata services, bad addresses (on which httpx raises although redirects are off)."""
    server.play(respond(status=302, headers={"Location": location}))

    with pytest.raises(FetchError, match="a redirect to") as failure:
        fetch(a_source(), settings())

    assert failure.value.tries == len(server.requests) == 1


def test_a_redirect_loop_ends(server: FaultyServer) -> None:
    """After three."""
    server.play(respond(status=302, headers={"Location": "/models"}))

    with pytest.raises(FetchError, match="redirects more than 3 times"):
        fetch(a_source(), settings())

    assert len(server.requests) == 4


def test_a_redirect_without_location_is_final(server: FaultyServer) -> None:
    """There is nowhere to go."""
    server.play(raw(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"))

    with pytest.raises(FetchError, match="without saying where"):
        fetch(a_source(), settings())
