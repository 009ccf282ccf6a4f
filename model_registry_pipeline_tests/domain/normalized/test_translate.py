"""One bad record or field costs itself; what the same facts look like on the wire makes no difference."""

import hashlib
import json
from decimal import Decimal
from itertools import permutations

import pytest

from model_registry_pipeline.domain.normalized.layouts import Listed, Nested
from model_registry_pipeline.domain.normalized.prices import Meter, price_lines, settled
from model_registry_pipeline.domain.normalized.translate import Memo, parser_version, read_listing
from model_registry_pipeline.domain.records import Offering
from model_registry_pipeline.domain.source import Wire
from model_registry_pipeline_tests.domain.normalized.examples import (
    METERS,
    ExampleModel,
    a_source,
    facts_of,
    listing_of,
    listing_of_text,
    parse,
)

GOOD = {"id": "good", "context": 8192}


@pytest.mark.parametrize(
    "record",
    [
        pytest.param({}, id="missing"),
        pytest.param({"id": None}, id="null"),
        pytest.param({"id": ""}, id="empty"),
        pytest.param({"id": " \t"}, id="blank"),
        pytest.param({"id": 12}, id="number"),
        pytest.param({"id": True}, id="bool"),
        pytest.param({"id": ["a"]}, id="list"),
        pytest.param({"id": {"a": 1}}, id="object"),
        pytest.param({"id": "x" * 513}, id="too long"),
        pytest.param({"id": "a\0b"}, id="NUL"),
        pytest.param({"id": "a\rb"}, id="control"),
        pytest.param({"id": "a\x85b"}, id="C1 control"),
        pytest.param({"id": "a\ud800"}, id="lone surrogate"),
        pytest.param(None, id="null record"),
        pytest.param("a", id="text record"),
        pytest.param(1, id="number record"),
        pytest.param([GOOD], id="list record"),
    ],
)
def test_a_record_without_a_usable_id_costs_itself_alone(record: object) -> None:
    """It is rejected with its position and a reason; the others are read."""
    listing = listing_of(GOOD, record)

    assert [one.model_id for one in listing.records] == ["good"]
    (rejection,) = listing.rejections
    assert (rejection.kind, rejection.position) == ("record", "data[1]")
    assert rejection.reason


@pytest.mark.parametrize(
    "model_id",
    [
        "null",
        "NaN",
        "0012",
        "1e5",
        "true",
        "a/b//c",
        "%2F",
        "🤖",
        "模型",
        "e\u0301",
        " a ",
        "x" * 512,
        "=1+1",
        "a\u200bb",
    ],
)
def test_an_odd_id_is_kept_byte_for_byte(model_id: str) -> None:
    """An id is the provider's own; nothing is trimmed, folded or guessed."""
    (record,) = listing_of({"id": model_id}).records

    assert record.model_id == model_id


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        pytest.param("context", '"128,000"', "context", id="count in words"),
        pytest.param("context", '"128K"', "context", id="count with a scale"),
        pytest.param("context", "1.5", "context", id="half a token"),
        pytest.param("context", "0", "context_window_tokens", id="no tokens"),
        pytest.param("context", "-1", "context_window_tokens", id="negative tokens"),
        pytest.param("context", "1" + "0" * 25, "context_window_tokens", id="absurd tokens"),
        pytest.param("context", "1" * 5000, "context", id="5,000 digits of tokens"),
        pytest.param("context", "NaN", "context", id="NaN tokens"),
        pytest.param("context", "true", "context", id="tokens as a boolean"),
        pytest.param("tools", '"false"', "tools", id="boolean in words"),
        pytest.param("tools", "2", "tools", id="boolean as two"),
        pytest.param("name", "5", "name", id="name as a number"),
        pytest.param("name", '"a\\u0000b"', "name", id="NUL in a name"),
        pytest.param("name", '"\\ud800"', "name", id="half a surrogate pair in a name"),
        pytest.param("released", '"2025-02-30"', "released", id="30 February"),
        pytest.param("released", '"soon"', "released", id="day in words"),
        pytest.param("released", "1750000000000000", "released", id="microseconds"),
        pytest.param("tags", '"a"', "tags", id="list as a text"),
        pytest.param("tags", '[1, "a"]', "tags", id="number in a list of texts"),
        pytest.param("pricing", '"free"', "pricing", id="object as a text"),
        pytest.param("pricing", "[]", "pricing", id="object as a list"),
        pytest.param("pricing", '{"input": "$0.5"}', "pricing.input", id="price with a currency"),
        pytest.param("pricing", '{"input": ""}', "pricing.input", id="empty price"),
        pytest.param("pricing", '{"input": "free"}', "pricing.input", id="price in words"),
        pytest.param("pricing", '{"input": Infinity}', "prices.input", id="infinite price"),
        pytest.param("pricing", '{"input": "NaN"}', "prices.input", id="NaN price"),
        pytest.param("pricing", '{"input": "sNaN"}', "prices.input", id="signalling NaN price"),
        pytest.param("pricing", '{"input": 1e400}', "prices.input", id="price of 1e400"),
        pytest.param("pricing", '{"input": 1e-400}', "prices.input", id="price of 1e-400"),
        pytest.param("pricing", '{"input": -0.5}', "prices.input", id="negative price"),
        pytest.param("pricing", '{"input": 0.' + "1" * 5000 + "}", "prices.input", id="5,000 digits of a price"),
        pytest.param("brand_new", '{"a": "\\u0000"}', "brand_new", id="NUL in an unknown field"),
        pytest.param("brand\\u0000new", "1", "brand\\x00new", id="NUL in an unknown field's name"),
        pytest.param("brand_new", "[" * 200 + "]" * 200, "brand_new", id="deep unknown field"),
        pytest.param("brand_new", "[" * 100_000 + "]" * 100_000, "brand_new", id="very deep unknown field"),
    ],
)
def test_an_unreadable_field_costs_itself_alone(field: str, value: str, path: str) -> None:
    """The field is null and rejected by its path; the record's other facts stay."""
    other = '"name": "N"' if field == "context" else '"context": 8192'
    listing = listing_of_text('{"id": "m", ' + f'{other}, "{field}": {value}' + "}", json.dumps(GOOD))

    assert [one.model_id for one in listing.records] == ["m", "good"]
    (rejection,) = listing.rejections
    assert (rejection.kind, rejection.position, rejection.field) == ("field", "data[0]", path)
    assert rejection.model_id == "m"
    (facts, _) = facts_of(listing)
    assert facts.get("name" if field == "context" else "context_window_tokens")


@pytest.mark.parametrize(
    ("record", "unread", "price_state"),
    [
        pytest.param({"name": 5}, ["name"], "free", id="a name"),
        pytest.param(
            {"context": -1, "name": 5}, ["context_window_tokens", "name"], "free", id="two, and an absurd one"
        ),
        pytest.param({"tags": ["a", 5]}, ["tags"], "free", id="one of a list"),
        pytest.param({"request": {"usd": 1}}, ["request"], None, id="a price"),
        pytest.param({"request": -1.5}, ["prices.request"], None, id="an absurd price"),
        pytest.param({"tiers": [{"input": "?"}]}, ["tiers"], None, id="a price in a list"),
        pytest.param({"peak": {"zone": 1, "input": 3}}, ["peak"], None, id="the condition of a price"),
        pytest.param({"peak": {"hours": "1-2", "input": 3}}, ["peak"], None, id="a condition that nobody named"),
        pytest.param({"brand_new": "\0"}, None, "free", id="what nobody named"),
    ],
)
def test_a_record_names_what_can_not_be_read(
    record: dict[str, object], unread: list[str] | None, price_state: str | None
) -> None:
    """Beside prices of 0: a price that can't be read may be above 0, so nothing is free; and no condition is lost."""
    document = json.dumps({"data": [{"id": "m", "input": 0, "output": 0} | record]}).encode()
    (facts,) = facts_of(read_listing(TIERED, [document]))

    assert (facts.get("unread"), facts.get("price_state")) == (unread, price_state)
    assert [line["usd"] for line in facts["prices"]] == ["0", "0"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("pricing", "price_state"),
    [
        pytest.param({"per_song": 0.4}, None, id="a number"),
        pytest.param({"per_song": "0.4"}, None, id="in quotes"),
        pytest.param({"per_song": {"usd": 0.4}}, None, id="an object"),
        pytest.param({"per_song": "0.00"}, "free", id="0"),
        pytest.param({"per_song": None}, "free", id="null"),
        pytest.param({}, "free", id="nothing"),
    ],
)
def test_what_nobody_named_beside_prices_of_0_may_cost(pricing: dict[str, object], price_state: str | None) -> None:
    """Free is what states no other price above 0, under whatever name."""
    record = {"id": "m", "ratings": {"stars": 5}, "pricing": {"input": 0, "output": 0, **pricing}}
    (facts,) = facts_of(listing_of_text(json.dumps(record)))

    assert facts.get("price_state") == price_state


@pytest.mark.parametrize(
    ("record", "price_state"),
    [
        pytest.param({"tiers": [{"input": 0}, {"input": 0, "per_song": 0.4}]}, None, id="in a list"),
        pytest.param({"tiers": [{"input": 0, "per_song": 0}]}, "free", id="0 in a list"),
        pytest.param({"regions": {"eu": {"input": 0, "per_song": 0.4}}}, None, id="under a name"),
        pytest.param({"regions": {"eu": {"input": 0, "per_song": 0}}}, "free", id="0 under a name"),
    ],
)
def test_what_nobody_named_may_cost_wherever_prices_stand(record: dict[str, object], price_state: str | None) -> None:
    """Objects of prices may stand in a list, or under names that are data."""
    document = json.dumps({"data": [{"id": "m", "input": 0, "output": 0} | record]}).encode()
    (facts,) = facts_of(read_listing(TIERED, [document]))

    assert facts.get("price_state") == price_state


def test_what_can_not_be_read_of_a_provider_marks_all_its_models() -> None:
    """It is told once."""
    layout = Nested(parent_wire=Provider, wire=ExampleModel, parse=lambda _, model: parse(model))
    body = json.dumps({"p": {"name": 5, "models": {"a": {"id": "a"}, "b": {"id": "b"}}}, "q": {"models": {}}}).encode()
    listing = read_listing(a_source(layout), [body])

    assert [facts.get("unread") for facts in facts_of(listing)] == [["name"], ["name"]]
    assert [(one.position, one.field) for one in listing.rejections] == [("p.models.a", "name")]


class Provider(Wire):
    name: str | None = None


class Rates(Wire):
    input: Decimal | None = None
    output: Decimal | None = None
    request: Decimal | None = None


class Peak(Rates):
    is_whole = True
    zone: str | None = None


class Tiered(Rates, kw_only=True):
    id: str
    name: str | None = None
    context: int | None = None
    tags: tuple[str, ...] | None = None
    tiers: tuple[Rates, ...] = ()
    regions: dict[str, Rates] | None = None
    peak: Peak | None = None


def tiered(model: Tiered) -> Offering | None:
    meters = METERS | {"request": Meter("request", "request")}
    lines = [line for rates in (model, *model.tiers, model.peak) if rates for line in price_lines(rates, meters)]
    return Offering(
        provider_id="example",
        model_id=model.id,
        name=model.name,
        context_window_tokens=model.context,
        aliases=model.tags,
        **settled(lines)._asdict(),
    )


TIERED = a_source(Listed(at="data", wire=Tiered, parse=tiered))


SPELLINGS = [
    pytest.param('{"id":"m","context":128000,"pricing":{"input":0.0000001},"tools":true}', id="plain"),
    pytest.param('{"tools":true,"pricing":{"input":0.0000001},"context":128000,"id":"m"}', id="other order"),
    pytest.param('{"id":"m","context":"128000","pricing":{"input":"0.0000001"},"tools":1}', id="numbers quoted"),
    pytest.param('{"id":"m","context":128000.0,"pricing":{"input":1e-7},"tools":true}', id="as floats"),
    pytest.param('{"id":"m","context":1.28e5,"pricing":{"input":"0.00000010"},"tools":true}', id="exponents"),
    pytest.param('{"id":"m","context":128000,"pricing":{"input":1e-7,"output":null},"tools":true}', id="null"),
    pytest.param('{"id":"m","context":128000,"pricing":{"input":1e-7},"tools":true,"downloads":7}', id="measured"),
    pytest.param('{"id":"\\u006d" , "context" : 128000,"pricing":{"input":1e-7},"tools":true}', id="escapes"),
]


@pytest.mark.parametrize("text", SPELLINGS)
def test_spelling_makes_no_difference(text: str) -> None:
    """Order, white space, quotes, exponents and measurements never make another record."""
    listing = listing_of_text(text)

    (record,) = listing.records
    assert not listing.rejections
    assert record.facts == (
        b'{"provider_id":"example","model_id":"m","context_window_tokens":128000,"supports_tools":true,'
        b'"prices":[{"meter":"input","unit":"mtok","usd":"0.1"}],"price_state":"paid"}'
    )
    assert record.extra is None
    assert record.sha256 == hashlib.sha256(record.facts).digest()


def test_what_nobody_named_is_kept() -> None:
    """Unknown fields stand in `extra` where they stood, in one canonical form."""
    one = listing_of_text('{"id":"m","zeta":1.0,"pricing":{"batch":{"input":0.50}},"alpha":[1e400,null]}')
    other = listing_of_text('{"alpha":[1e400,null],"id":"m","pricing":{"batch":{"input":5e-1}},"zeta":1}')

    (record,) = one.records
    assert record.extra == b'{"alpha":["1e400",null],"pricing":{"batch":{"input":0.5}},"zeta":1}'
    assert record == other.records[0]
    assert not one.rejections


@pytest.mark.parametrize(
    ("stated", "day"),
    [("2025-06-01", "2025-06-01"), (1748736000, "2025-06-01"), ("1748736000", "2025-06-01"), ("2098-12-31", None)],
)
def test_a_day_reads_in_every_form(stated: object, day: str | None) -> None:
    """Text, epoch numbers and sentinels give the day, or none, without a rejection."""
    listing = listing_of({"id": "m", "released": stated})

    assert [facts.get("released_on") for facts in facts_of(listing)] == [day]
    assert not listing.rejections


def test_equal_duplicates_are_one_silently() -> None:
    """A list that repeats itself says nothing new."""
    listing = listing_of(GOOD, GOOD, {**GOOD, "downloads": 5})

    assert len(listing.records) == 1
    assert not listing.rejections


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_of_conflicting_duplicates_the_same_one_wins_in_any_order(order: tuple[int, ...]) -> None:
    """The record that states most stays; each other one is told."""
    rivals = [{"id": "m"}, {"id": "m", "context": 1, "name": "a"}, {"id": "m", "context": 2}]
    listing = listing_of(*(rivals[index] for index in order), rivals[2])

    assert facts_of(listing) == [{"model_id": "m", "context_window_tokens": 1, "name": "a"}]
    assert [(one.kind, one.model_id) for one in listing.rejections] == [("duplicate", "m")] * 2
    assert {one.position for one in listing.rejections} == {f"data[{order.index(0)}]", f"data[{order.index(2)}]"}


def test_pages_are_one_listing() -> None:
    """The records of all pages, each rejection with its page."""
    pages = [b'{"data": [{"id": "a"}]}', b'{"data": [{"id": "b"}, {"id": ""}]}']
    listing = read_listing(a_source(), pages)

    assert [record.model_id for record in listing.records] == ["a", "b"]
    assert [rejection.position for rejection in listing.rejections] == ["page 2: data[1]"]


def test_a_memo_changes_nothing_but_time() -> None:
    """A dump reads the same with what is remembered of the one before, and for another source nothing is."""
    memo, source = Memo(), a_source()
    dumps = [
        json.dumps({"data": [GOOD, {"id": ""}, {"id": "m", "context": n, "tools": "yes"}]}).encode() for n in (1, 1, 2)
    ]

    assert [read_listing(source, [dump], memo) for dump in dumps] == [read_listing(source, [dump]) for dump in dumps]
    assert read_listing(a_source(), [dumps[0]], memo) == read_listing(source, [dumps[0]])


def test_a_memo_holds_two_dumps_at_most() -> None:
    """What the dump before the last held is let go, so that years of dumps fit in memory."""
    memo, source = Memo(), a_source()
    for start in range(0, 1000, 100):
        dump = json.dumps({"data": [{"id": str(number)} for number in range(start, start + 100)]}).encode()
        read_listing(source, [dump], memo)

    assert len(memo) == 200


def test_the_parser_version_moves_with_rules_and_source() -> None:
    """Either of the two makes another version."""
    assert parser_version(a_source(version=1)) != parser_version(a_source(version=2))


def test_a_name_that_stands_twice_in_a_record_is_told() -> None:
    """Every JSON reader takes the last value in silence; said twice the same, it is nothing."""
    listing = listing_of_text(
        '{"id": "m", "pricing": {"input": 1, "output": 0, "input": 2}, "id": "n", "context": 5, "context": 5}',
        json.dumps(GOOD),
    )

    assert [one.model_id for one in listing.records] == ["n", "good"]
    assert facts_of(listing)[0]["context_window_tokens"] == 5
    assert [(one.kind, one.position, one.model_id, one.reason) for one in listing.rejections] == [
        ("duplicate", "data[0]", "n", f"'{name}' stands twice in one object: its last value holds")
        for name in ("input", "id")
    ]


def test_ids_that_differ_by_case_are_two() -> None:
    """Some providers tell apart what others fold; whoever folds loses one."""
    assert {one.model_id for one in listing_of({"id": "Model-A"}, {"id": "model-a"}).records} == {"Model-A", "model-a"}


def test_a_list_of_many_small_records_is_read() -> None:
    """A hundred thousand of them, each for itself, in seconds."""
    document = json.dumps({"data": [{"id": f"m{number}"} for number in range(100_000)]}).encode()

    assert len(read_listing(a_source(), [document]).records) == 100_000
