"""What is not a source's list is unreadable, with a reason, and never reads as an empty one."""

import json
from typing import Any

import pytest

from model_registry_pipeline.domain.normalized.layouts import Keyed, Listed, Nested
from model_registry_pipeline.domain.normalized.translate import Listing, read_listing
from model_registry_pipeline.domain.records import Offering
from model_registry_pipeline.domain.source import Layout, UnreadableError, Wire
from model_registry_pipeline_tests.domain.normalized.examples import ExampleModel, a_source, parse


class Owner(Wire):
    id: str
    region: str | None = None


class KeyedModel(Wire):
    owner: str
    context: int | None = None


def parse_keyed(key: str, model: KeyedModel) -> Offering:
    return Offering(provider_id=model.owner, model_id=key, context_window_tokens=model.context)


def parse_nested(owner: Owner, model: ExampleModel) -> Offering:
    return Offering(provider_id=owner.id, model_id=model.id, family=owner.region, context_window_tokens=model.context)


LISTED = Listed(at="data", wire=ExampleModel, parse=parse)
BARE = Listed(wire=ExampleModel, parse=parse)
KEYED = Keyed(wire=KeyedModel, parse=parse_keyed, sign="owner")
NESTED = Nested(parent_wire=Owner, wire=ExampleModel, parse=parse_nested)

LAYOUTS = pytest.mark.parametrize(
    "layout",
    [
        pytest.param(LISTED, id="listed"),
        pytest.param(BARE, id="bare"),
        pytest.param(KEYED, id="keyed"),
        pytest.param(NESTED, id="nested"),
    ],
)


def read(layout: Layout, document: bytes | str) -> Listing:
    return read_listing(a_source(layout), [document if isinstance(document, bytes) else document.encode()])


def ids(listing: Listing) -> list[tuple[str, str]]:
    return [(record.provider_id, record.model_id) for record in listing.records]


@LAYOUTS
@pytest.mark.parametrize(
    ("document", "reason"),
    [
        pytest.param(b"", "empty", id="nothing"),
        pytest.param(b" \r\n", "empty", id="white space"),
        pytest.param(b"<!doctype html><title>NaN</title>", "HTML", id="HTML"),
        pytest.param(b'<?xml version="1.0"?><a/>', "HTML or XML", id="XML"),
        pytest.param(b"null", "null", id="null"),
        pytest.param(b"42", "int", id="number"),
        pytest.param(b'"models"', "str", id="text"),
        pytest.param(b"{}", "empty object", id="empty object"),
        pytest.param(b'{"data": null}', "no list|not models|not providers", id="null list"),
        pytest.param(b'{"data": "x"}', "no list|not models|not providers", id="text for a list"),
        pytest.param(b'{"data": {}}', "no list|not models|empty object", id="object for a list"),
        pytest.param(b'{"result": {"count": 3}, "ok": true}', "no list|not models|not providers", id="something else"),
        pytest.param(b'{"data": [{"id": "a"}, {"id"', "truncated", id="cut off"),
        pytest.param(b'[{"id": "a"},]', "trailing comma", id="trailing comma"),
        pytest.param(b'[{"id": "a"}]}', "trailing", id="extra brace"),
        pytest.param(b'{"data":[]}{"data":[]}', "trailing", id="two documents"),
        pytest.param(b'{"id": "a"}\n{"id": "b"}', "trailing", id="JSON lines"),
        pytest.param(b'callback([{"id": "a"}])', "not JSON", id="JSONP"),
        pytest.param(b'<br />\n<b>Warning</b>: x [{"id": "a"}]', "HTML", id="PHP's warning"),
        pytest.param(b'[{"id": "a\xe9"}]', "not UTF-8", id="Latin-1"),
        pytest.param(b'[{"id": "a\x00"}]', "not JSON", id="raw NUL"),
        pytest.param(b'[{"id": "a\nb"}]', "not JSON", id="raw line break in a text"),
        pytest.param('[{"id": "a"}]'.encode("utf-16"), "UTF-16", id="UTF-16"),
        pytest.param('[{"id": "a"}]'.encode("utf-16-le"), "UTF-16", id="UTF-16 without a mark"),
        pytest.param('[{"id": "a"}]'.encode("utf-32"), "UTF-32", id="UTF-32"),
        pytest.param(b"\x1f\x8b\x08\x00", "not UTF-8", id="gzip"),
        pytest.param(b'"' + b'\\"' * 200_000, "not JSON|truncated", id="endless text"),
        pytest.param(b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "no list|not models|not providers", id="deep object"),
        pytest.param(b'{"a":' * 50_000, "truncated|not JSON", id="deep object, cut off"),
    ],
)
def test_what_is_no_list_is_unreadable(layout: Layout, document: bytes, reason: str) -> None:
    """Each is told as what it is."""
    with pytest.raises(UnreadableError, match=reason):
        read(layout, document)


@pytest.mark.parametrize("layout", [LISTED, BARE])
@pytest.mark.parametrize(
    "document",
    [
        '[{"id":"a"}]',
        '{"data":[{"id":"a"}]}',
        '{"models":[{"id":"a"}],"count":1}',
        '\ufeff[{"id":"a"}]',
        '{"data":[{"id":"a"}],"error":null}',
    ],
)
def test_a_dropped_list_may_have_any_envelope(layout: Layout, document: str) -> None:
    """A list, `data` or `models`, with or without a byte order mark."""
    assert ids(read(layout, document)) == [("example", "a")]


def test_the_declared_key_goes_before_an_envelope() -> None:
    """`models` is a source's list although it holds `data` too."""
    layout = Listed(at="models", wire=ExampleModel, parse=parse)

    assert ids(read(layout, '{"data":[{"id":"a"}],"models":[{"id":"b"}]}')) == [("example", "b")]


@pytest.mark.parametrize("document", ["[]", '{"data":[]}'])
def test_an_empty_list_is_a_listing(document: str) -> None:
    """Whether it can be true is judged where the dump before is known."""
    assert read(LISTED, document) == Listing([], [], 0)


@pytest.mark.parametrize(
    "envelope", ["{}", '{{"data": {}}}', '{{"models": {}, "count": 2}}'], ids=["none", "data", "models"]
)
def test_an_object_of_models_is_read_by_its_keys(envelope: str) -> None:
    """The key is handed to parse; a value that is no object costs itself."""
    models = '{"a/b": {"owner": "x"}, "c": {"owner": "y"}, "bad": []}'
    listing = read(KEYED, envelope.format(models))

    assert ids(listing) == [("x", "a/b"), ("y", "c")]
    assert [rejection.position for rejection in listing.rejections] == ["bad"]


@pytest.mark.parametrize(
    ("layout", "document", "kept", "gave_way"),
    [
        pytest.param(
            KEYED,
            '{"a": {"owner": "x", "context": 1}, "b": {"owner": "x"}, "a": {"owner": "x", "context": 2}}',
            {"a": 2, "b": None},
            ["a"],
            id="models",
        ),
        pytest.param(KEYED, '{"a": {"owner": "x"}, "a": { "owner" : "x" }}', {"a": None}, [], id="the same twice"),
        pytest.param(
            NESTED,
            '{"o": {"id": "o", "models": {"g.1": {"id": "g", "context": 1}, "g.1": {"id": "g", "context": 2}}}}',
            {"g": 2},
            ["o.models.g.1"],
            id="models of a provider",
        ),
        pytest.param(
            NESTED,
            '{"o": {"id": "o", "models": {"g": {"id": "g"}}}, "o": {"id": "o", "models": {"h": {"id": "h"}}}}',
            {"h": None},
            ["o"],
            id="providers",
        ),
    ],
)
def test_what_stands_twice_under_one_name_is_told(
    layout: Layout, document: str, kept: dict[str, int | None], gave_way: list[str]
) -> None:
    """The last holds, as for every reader of JSON; the others are duplicates, and cost nobody else."""
    listing = read(layout, document)

    facts = {record.model_id: json.loads(record.facts).get("context_window_tokens") for record in listing.records}
    assert facts == kept
    assert [(one.kind, one.position) for one in listing.rejections] == [("duplicate", place) for place in gave_way]


@pytest.mark.parametrize(
    "document",
    [
        {"openai": {"id": "openai", "models": {"gpt": {"id": "gpt"}}}},
        {"object": "list", "data": [{"id": "a", "owner": "x"}]},
        [{"id": "a", "owner": "x"}],
        {"a": {"proprietor": "x"}, "b": {"proprietor": "y"}},
        {"a": {"owner": "x"}, "b": 1, "c": 2},
    ],
    ids=["providers", "OpenAI's list", "list", "renamed field", "mostly no objects"],
)
def test_another_sources_list_is_no_object_of_models(document: Any) -> None:
    """Without its sign in most values an object is something else."""
    with pytest.raises(UnreadableError):
        read(KEYED, json.dumps(document))


@pytest.mark.parametrize(
    "document",
    [
        {"o": {"id": "o", "region": "eu", "models": {"m": {"id": "m"}}}},
        [{"id": "o", "region": "eu", "models": [{"id": "m"}]}],
        {"data": [{"id": "o", "region": "eu", "models": [{"id": "m"}]}]},
    ],
    ids=["objects", "lists", "envelope"],
)
def test_nested_models_know_their_provider(document: Any) -> None:
    """Providers and models may stand in lists or under their ids."""
    listing = read(NESTED, json.dumps(document))

    assert ids(listing) == [("o", "m")]
    assert b'"family":"eu"' in listing.records[0].facts


def test_a_bad_provider_costs_its_own_models() -> None:
    """It is one rejection; the other providers are read."""
    document = {
        "a": {"id": 5, "models": [{"id": "m"}]},
        "b": {"id": "b", "models": {"n": {"id": "n"}}},
        "c": {"id": "c", "models": 3},
    }
    listing = read(NESTED, json.dumps(document))

    assert ids(listing) == [("b", "n")]
    assert [(one.kind, one.position) for one in listing.rejections] == [("record", "a"), ("record", "c")]


def test_a_providers_bad_and_unknown_fields_are_told_once() -> None:
    """A provider's field rejection stands with its first model; what nobody named stays with each."""
    document = [{"id": "o", "region": 5, "plan": "pro", "models": [{"id": "m"}, {"id": "n"}]}]
    listing = read(NESTED, json.dumps(document))

    assert [record.extra for record in listing.records] == [b'{"parent":{"plan":"pro"}}'] * 2
    assert [(one.kind, one.position, one.field) for one in listing.rejections] == [("field", "[0].models[0]", "region")]


@pytest.mark.parametrize("message", ["x" * 5000, "line\nbreak\x07"])
def test_a_reason_is_short_and_printable(message: str) -> None:
    """An error body is quoted, but not whole."""
    with pytest.raises(UnreadableError) as caught:
        read(LISTED, json.dumps({"error": message}))

    assert len(str(caught.value)) < 150
    assert str(caught.value).isprintable()


def test_a_rejection_of_a_hostile_key_is_printable() -> None:
    """Position and reason can be stored and shown, whatever the key is."""
    listing = read(KEYED, '{"a\\u0000\\n":{"owner":"x"},"b":{"owner":"x"}}')

    (rejection,) = listing.rejections
    assert rejection.position == r"a\x00\n"
    assert rejection.model_id is None
