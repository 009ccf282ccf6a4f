"""Keys that sign or are traded for a token, and addresses that the environment completes."""

import json
import logging
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from model_registry_pipeline.connectors.aws_signature import AwsKey
from model_registry_pipeline.connectors.errors import FetchError, NotConfiguredError
from model_registry_pipeline.connectors.fetch import Answer, fetch
from model_registry_pipeline.domain.source import AwsSignature, GoogleToken, Source, Variable
from model_registry_pipeline_tests.connectors.examples import a_source, settings
from model_registry_pipeline_tests.connectors.faulty_server import FaultyServer, Request, respond, respond_json

KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SESSION = "FwoGZXIvYXdzEXAMPLE/session+token=="
REGION = Variable("AWS_REGION", others=("AWS_DEFAULT_REGION",), default="us-east-1")
AWS = AwsSignature("bedrock", REGION)
SIGNED = a_source(auth=AWS)


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    return monkeypatch


def answered(source: Source, response: httpx.Response, seen: list[httpx.Request]) -> Answer:
    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return response

    return fetch(source, settings(), transport=httpx.MockTransport(answer))


# -- signatures ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "signature"),
    [
        ("lifecycle", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        ("max-keys=2&prefix=J", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
    ],
    ids=["a parameter without a value", "two parameters"],
)
def test_a_signature_is_the_one_that_amazon_publishes(query: str, signature: str) -> None:
    """The examples of its documentation: Amazon S3 API reference, "Signature Calculations for the Authorization
    Header", GET Bucket Lifecycle and GET Bucket (List Objects)."""
    key = AwsKey(KEY_ID, SECRET, None, "us-east-1", "s3")

    headers = key.headers(
        httpx.URL(f"https://examplebucket.s3.amazonaws.com/?{query}"), datetime(2013, 5, 24, tzinfo=UTC)
    )

    assert headers["Authorization"] == (
        f"AWS4-HMAC-SHA256 Credential={KEY_ID}/20130524/us-east-1/s3/aws4_request, "
        f"SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature={signature}"
    )


def signed_again(server: FaultyServer, request: Request) -> str:
    """What a server that knows the key makes of a request."""
    instant = datetime.strptime(request.headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    key = AwsKey(KEY_ID, SECRET, request.headers.get("x-amz-security-token"), "us-east-1", "bedrock")
    return key.headers(httpx.URL(server.url + request.target), instant)["Authorization"]


def test_each_request_is_signed_for_itself(server: FaultyServer, keys: pytest.MonkeyPatch) -> None:
    """Every try, and every step of a redirect, bears the signature that its own address and instant ask for."""
    keys.setenv("AWS_SESSION_TOKEN", SESSION)
    server.play(respond(status=503), respond(status=307, headers={"Location": "/v2/models?a=b"}))
    server.play(respond_json([]), at="/v2/models?a=b")
    before = datetime.now(UTC).replace(microsecond=0)

    fetch(SIGNED, settings())

    assert [request.target for request in server.requests] == ["/models", "/models", "/v2/models?a=b"]
    for request in server.requests:
        instant = datetime.strptime(request.headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        assert before <= instant <= datetime.now(UTC)
        assert request.headers["authorization"] == signed_again(server, request)
        assert request.headers["x-amz-security-token"] == SESSION
        assert "x-amz-security-token" in request.headers["authorization"]
        assert SECRET not in str(request)


@pytest.mark.parametrize(
    ("stated", "region"),
    [
        ({}, "us-east-1"),
        ({"AWS_DEFAULT_REGION": "eu-west-3"}, "eu-west-3"),
        ({"AWS_REGION": "ap-south-1"}, "ap-south-1"),
    ],
    ids=["none", "default", "own"],
)
def test_the_region_stands_in_the_address_and_in_the_signature(
    keys: pytest.MonkeyPatch, stated: dict[str, str], region: str
) -> None:
    """Both are of one region, whichever variable holds it."""
    for name, value in stated.items():
        keys.setenv(name, value)
    seen: list[httpx.Request] = []

    answered(a_source(base_url="https://x.{AWS_REGION}.example", places=(REGION,), auth=AWS), httpx.Response(200), seen)

    assert seen[0].url.host == f"x.{region}.example"
    assert f"/{region}/bedrock/aws4_request" in seen[0].headers["Authorization"]


def test_half_a_key_is_none(keys: pytest.MonkeyPatch) -> None:
    """The part that is missing is named."""
    keys.delenv("AWS_SECRET_ACCESS_KEY")

    with pytest.raises(NotConfiguredError, match="set AWS_SECRET_ACCESS_KEY"):
        fetch(SIGNED, settings())


@pytest.mark.parametrize("part", [KEY_ID, SECRET, SESSION])
def test_an_echoed_part_of_a_key_is_masked(server: FaultyServer, keys: pytest.MonkeyPatch, part: str) -> None:
    """In the body as in an error."""
    keys.setenv("AWS_SESSION_TOKEN", SESSION)
    server.play(respond_json([part]), respond(status=302, headers={"Location": f"https://elsewhere.example/{part}"}))

    answer = fetch(SIGNED, settings())
    with pytest.raises(FetchError) as failure:
        fetch(SIGNED, settings())

    assert answer.documents[0].body == b'["***"]'
    assert part not in str(failure.value)


def test_an_echoed_signature_is_masked(keys: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Others could send it again for some minutes."""
    caplog.set_level(logging.DEBUG)

    def echo(request: httpx.Request) -> httpx.Response:
        sent = request.headers["Authorization"]
        if request.url.path == "/refused":
            return httpx.Response(302, headers={"Location": f"https://elsewhere.example/?{sent[-64:]}"})
        return httpx.Response(200, json=[sent, sent[-64:]], headers={"ETag": f'"{sent[-64:]}"'})

    answer = fetch(SIGNED, settings(), transport=httpx.MockTransport(echo))
    with pytest.raises(FetchError) as failure:
        fetch(a_source(auth=AWS, path="/refused"), settings(), transport=httpx.MockTransport(echo))

    assert answer.documents[0].body == b'["***","***"]'
    assert answer.etag == '"***"'
    assert "elsewhere.example/?***" in str(failure.value)
    assert "Signature" not in caplog.text


# -- tokens of Google Cloud ------------------------------------------------------------------------------------------

TOKEN = "ya29.c-0123456789-EXAMPLE"
GOOGLE = GoogleToken()


@pytest.fixture(scope="module")
def private_key() -> str:
    """Of nobody's account."""
    key = generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, private_key: str) -> Iterator[FaultyServer]:
    """A token service, and a service account's key that leads to it."""
    for name in ("VERTEX_ACCESS_TOKEN", "GOOGLE_CLOUD_QUOTA_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    with FaultyServer() as service:
        account = {
            "type": "service_account",
            "project_id": "a-project",
            "private_key": private_key,
            "client_email": "sync@a-project.example",
            "token_uri": f"{service.url}/token",
        }
        (tmp_path / "clé.json").write_text(json.dumps(account))
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "clé.json"))
        yield service


def test_a_service_account_is_traded_for_a_token(server: FaultyServer, google: FaultyServer) -> None:
    """A new one for each sync, masked like any key."""
    google.play(
        respond_json({"access_token": f"{TOKEN}-1", "expires_in": 3600}),
        respond_json({"access_token": f"{TOKEN}-2", "expires_in": 3600}),
        at="/token",
    )
    server.play(respond_json([f"{TOKEN}-1"]), respond_json([]))

    answer = fetch(a_source(auth=GOOGLE), settings())
    fetch(a_source(auth=GOOGLE), settings())

    assert [request.headers["authorization"] for request in server.requests] == [
        f"Bearer {TOKEN}-1",
        f"Bearer {TOKEN}-2",
    ]
    assert "x-goog-user-project" not in server.requests[0].headers
    assert answer.documents[0].body == b'["***"]'


def test_a_stated_token_goes_before_a_file(
    server: FaultyServer, google: FaultyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the project that pays goes beside it."""
    monkeypatch.setenv("VERTEX_ACCESS_TOKEN", TOKEN)
    monkeypatch.setenv("GOOGLE_CLOUD_QUOTA_PROJECT", "a-project")
    server.play(respond_json([]))

    fetch(a_source(auth=GOOGLE), settings())

    assert server.requests[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert server.requests[0].headers["x-goog-user-project"] == "a-project"
    assert not google.requests


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (respond(b'{"error": "invalid_grant", "error_description": "%b"}' % TOKEN.encode(), 400), "RefreshError"),
        (respond(f"<html>{TOKEN}".encode()), "TypeError"),
        (respond_json({"access_token": None}), "what came is none"),
        (respond_json({"access_token": f"{TOKEN}\r\nX: y"}), "what came is none"),
        (respond(status=302, headers={"Location": "https://elsewhere.example/"}), "RefreshError"),
    ],
    ids=["refused", "no JSON", "null", "two lines", "redirect"],
)
def test_a_token_that_is_not_given_is_told_in_one_line(
    google: FaultyServer, private_key: str, answer: object, told: str
) -> None:
    """Neither what the file holds nor what was answered stands in it."""
    google.play(answer, at="/token")  # type: ignore[arg-type]

    with pytest.raises(
        FetchError, match=rf"^lister: no access token .* GOOGLE_APPLICATION_CREDENTIALS \({told}\)"
    ) as it:
        fetch(a_source(auth=GOOGLE), settings())

    assert TOKEN not in str(it.value)
    assert private_key.splitlines()[1] not in str(it.value)
    assert it.value.__cause__ is None
    assert it.value.__context__ is None or it.value.__suppress_context__


def test_a_token_service_out_of_reach_is_told(google: FaultyServer) -> None:
    """It is the network, not the file."""
    google.__exit__()

    with pytest.raises(FetchError, match="Google's token service gives no answer"):
        fetch(a_source(auth=GOOGLE), settings())

    google.__enter__()


def test_a_file_that_is_none_is_told(google: FaultyServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """By the variable that names it."""
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "nowhere.json"))

    with pytest.raises(FetchError, match="no access token for the file in GOOGLE_APPLICATION_CREDENTIALS"):
        fetch(a_source(auth=GOOGLE), settings())


def test_a_file_needs_the_extra_that_reads_it(google: FaultyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the source is not configured, and the text says what to install."""
    monkeypatch.setitem(sys.modules, "google.auth", None)

    with pytest.raises(NotConfiguredError, match=r"pip install 'model-registry-pipeline\[vertex\]'"):
        fetch(a_source(auth=GOOGLE), settings())


# -- redirects -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("auth", [AWS, GOOGLE], ids=lambda auth: type(auth).__name__)
def test_no_signature_or_token_leaves_the_origin(
    server: FaultyServer, keys: pytest.MonkeyPatch, auth: AwsSignature | GoogleToken
) -> None:
    """A redirect elsewhere ends the fetch before anything is asked there."""
    keys.setenv("VERTEX_ACCESS_TOKEN", TOKEN)
    with FaultyServer() as elsewhere:
        server.play(respond(status=307, headers={"Location": f"{elsewhere.url}/models"}))

        with pytest.raises(FetchError, match="another origin"):
            fetch(a_source(auth=auth), settings())

        assert not elsewhere.requests


# -- addresses -------------------------------------------------------------------------------------------------------

ACCOUNT = Variable("LISTER_ACCOUNT")
ACCOUNTS = a_source(base_url="https://{LISTER_ACCOUNT}.example", path="/of/{LISTER_ACCOUNT}/models", places=(ACCOUNT,))


def test_a_place_of_the_address_is_filled_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the base and in the path."""
    monkeypatch.setenv("LISTER_ACCOUNT", "0af1")
    seen: list[httpx.Request] = []

    answered(ACCOUNTS, httpx.Response(200), seen)

    assert str(seen[0].url) == "https://0af1.example/of/0af1/models"


def test_the_path_behind_a_base_url_of_ones_own_has_its_places_too(
    server: FaultyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What they hold can't lead elsewhere."""
    monkeypatch.setenv("LISTER_ACCOUNT", "a/../b?c")
    server.play(respond_json([]), at="/of/a%2F..%2Fb%3Fc/models")

    fetch(ACCOUNTS, settings())

    assert [request.target for request in server.requests] == ["/of/a%2F..%2Fb%3Fc/models"]


def test_a_place_that_nobody_fills_is_named() -> None:
    """The source is not configured; where the base lacks it, the base itself may be stated."""
    base = a_source(base_url="https://{LISTER_ACCOUNT}.example", places=(ACCOUNT,), address_variables=("LISTER_HOST",))
    path = a_source(path="/of/{LISTER_ACCOUNT}", places=(ACCOUNT,))

    with pytest.raises(NotConfiguredError, match=r"set LISTER_HOST or LISTER_ACCOUNT or LISTER_BASE_URL$"):
        fetch(base, settings())
    with pytest.raises(NotConfiguredError, match=r"set LISTER_ACCOUNT$"):
        fetch(path, settings())


def test_a_place_of_the_base_is_not_asked_for_behind_a_base_of_ones_own(server: FaultyServer) -> None:
    """`<SOURCE>_BASE_URL` says all that it could."""
    server.play(respond_json([]))

    fetch(a_source(base_url="https://{LISTER_ACCOUNT}.example", places=(ACCOUNT,)), settings())

    assert len(server.requests) == 1
