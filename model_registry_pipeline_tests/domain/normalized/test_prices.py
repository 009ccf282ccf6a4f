"""Stated numbers become exact prices; what they amount to follows from them alone."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_registry_pipeline.domain.normalized.plausible import plausible
from model_registry_pipeline.domain.normalized.prices import PER_TOKEN, settled, usd, variant
from model_registry_pipeline.domain.records import Offering, PriceLine, PriceState


def a_line(meter: str = "input", price: str = "1", **but: object) -> PriceLine:
    return PriceLine(**{"meter": meter, "unit": "mtok", "usd": Decimal(price), **but})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("stated", "shift", "expected"),
    [
        ("0.00000015", PER_TOKEN, "0.15"),
        ("1.5e-07", PER_TOKEN, "0.15"),
        ("0.10", 0, "0.1"),
        ("10", 0, "10"),
        ("1E+1", 0, "10"),
        ("0.000", PER_TOKEN, "0"),
        ("12", -3, "0.012"),
        ("0.0000000000001384083045", PER_TOKEN, "0.0000001384083045"),
        ("-1", PER_TOKEN, "-1"),
    ],
)
def test_the_decimal_point_is_shifted_exactly(stated: str, shift: int, expected: str) -> None:
    """No digit is lost, no zero is kept; -1 is not a number to shift."""
    assert f"{usd(Decimal(stated), shift):f}" == expected


@pytest.mark.parametrize(("stated", "shift"), [(["0", "-0"], 41), (["-0", "0"], 42)], ids=["0 first", "-0 first"])
def test_a_zero_has_no_sign(stated: list[str], shift: int) -> None:
    """Whichever is met first, by a shift that nothing else takes: what was met before does not change what is read."""
    assert [str(usd(Decimal(zero), shift)) for zero in stated] == ["0", "0"]


@given(st.decimals(min_value=0, max_value=10**9, allow_nan=False, places=18), st.integers(-6, 6))
def test_a_shift_back_gives_what_was_stated(stated: Decimal, shift: int) -> None:
    """Exactly, for whatever is stated; and however often it is done."""
    shifted = usd(stated, shift)

    assert usd(shifted, -shift) == stated
    assert str(usd(shifted)) == str(shifted)


@pytest.mark.parametrize(
    "stated", ["NaN", "sNaN", "Infinity", "-Infinity", "1e400", "1e999999999", "1e-400", "1e-999999999", "9" * 5000]
)
def test_no_number_breaks_the_shift(stated: str) -> None:
    """What is no price is told as that, and never rounded to 0, which would be free."""
    offering = Offering(provider_id="p", model_id="m", prices=(a_line(price=str(usd(Decimal(stated), PER_TOKEN))),))
    kept, faults = plausible(offering)

    assert kept.prices == ()
    assert [fault.field for fault in faults] == ["prices.input"]


@pytest.mark.parametrize(
    ("lines", "state"),
    [
        pytest.param([], PriceState.UNKNOWN, id="nothing stated"),
        pytest.param([("input", "1"), ("output", "0")], PriceState.PAID, id="paid"),
        pytest.param([("input", "0"), ("output", "0")], PriceState.FREE, id="both 0"),
        pytest.param([("input", "0"), ("output", "0"), ("request", "0")], PriceState.FREE, id="all 0"),
        pytest.param([("input", "0"), ("output", "0"), ("web_search", "0.01")], PriceState.PAID, id="search is paid"),
        pytest.param([("input", "0")], PriceState.UNKNOWN, id="output not stated"),
        pytest.param([("input", "-1"), ("output", "-1")], PriceState.VARIABLE, id="varies"),
        pytest.param([("input", "-1"), ("output", "2")], PriceState.VARIABLE, id="varies in part"),
    ],
)
def test_what_prices_amount_to(lines: list[tuple[str, str]], state: PriceState) -> None:
    """Free takes input and output stated as 0, and nothing above it."""
    prices = settled(a_line(meter, price) for meter, price in lines)

    assert prices.price_state is state
    assert all(line.usd >= 0 for line in prices.prices)


def test_lines_are_sorted_and_told_once() -> None:
    """By meter, the unconditional before the conditional."""
    lines = [a_line("output"), a_line(service_tier="batch"), a_line(above_tokens=5), a_line(), a_line()]

    assert settled(lines).prices == (a_line(), a_line(service_tier="batch"), a_line(above_tokens=5), a_line("output"))


@pytest.mark.parametrize(
    "condition",
    [{"above_tokens": 5}, {"above_output_tokens": 5}, {"service_tier": "batch"}, {"region": "eu"}, {"variant": "hd"}],
    ids=lambda condition: next(iter(condition)),
)
def test_free_under_a_condition_is_not_free(condition: dict[str, object]) -> None:
    """What a plain request pays is not stated then; a price above 0 under a condition is a price all the same."""
    nothing = (a_line(price="0", **condition), a_line("output", "0", **condition))
    free = (a_line(price="0"), a_line("output", "0"))

    assert settled(nothing).price_state is PriceState.UNKNOWN
    assert settled((*nothing, *free)).price_state is PriceState.FREE
    assert settled((*free, a_line(**condition))).price_state is PriceState.PAID


def test_of_two_prices_for_the_same_the_dearer_stands() -> None:
    """The others are told as such: each line has a name of its own, in whatever order they come."""
    lines = [a_line(price="1", variant="hd"), a_line(price="3", variant="hd"), a_line(price="2", variant="hd")]
    told = (
        a_line(price="3", variant="hd"),
        a_line(price="2", variant="hd other"),
        a_line(price="1", variant="hd other 2"),
    )

    assert settled(lines).prices == settled(reversed(lines)).prices == told


@given(st.lists(st.builds(a_line, st.sampled_from(["input", "output"]), st.sampled_from("123"))))
def test_no_two_lines_are_for_the_same(lines: list[PriceLine]) -> None:
    """A meter, a unit and conditions have one price; none that is stated is lost."""
    prices = settled(lines).prices

    assert len({(line.meter, line.variant) for line in prices}) == len(prices) == len(set(lines))
    assert {(line.meter, line.usd) for line in prices} == {(line.meter, line.usd) for line in lines}


def test_what_is_told_apart_has_one_form() -> None:
    """By name, whatever the order; what is not stated is left out."""
    assert variant(resolution="720p", audio=True, mode=None) == "audio=true,resolution=720p"
    assert variant(mode=None) is None


@pytest.mark.parametrize("price", ["0", "0.00000001", "999999", "1000000000", "0.0000001384083045"])
def test_an_odd_price_stays(price: str) -> None:
    """Whether it is suspicious is judged where others are known."""
    offering = Offering(provider_id="p", model_id="m", prices=(a_line(price=price),))

    assert plausible(offering) == (offering, ())


@pytest.mark.parametrize("price", ["-0.1", "NaN", "Infinity", "1E+10", "1E-400", "0." + "1" * 50])
def test_what_is_no_price_is_taken_out(price: str) -> None:
    """The others stay, and the state follows from those."""
    offering = Offering(
        provider_id="p",
        model_id="m",
        prices=(a_line(price="0"), a_line("output", price)),
        price_state=PriceState.PAID,
    )
    kept, faults = plausible(offering)

    assert kept.prices == (a_line(price="0"),)
    assert kept.price_state is PriceState.UNKNOWN
    assert [fault.field for fault in faults] == ["prices.output"]


@pytest.mark.parametrize("count", [0, -1, 10**13])
@pytest.mark.parametrize("fact", ["context_window_tokens", "max_input_tokens", "max_output_tokens"])
def test_what_is_no_limit_is_taken_out(fact: str, count: int) -> None:
    """A limit is at least one token and at most a million million."""
    kept, faults = plausible(Offering(provider_id="p", model_id="m", **{fact: count}))  # type: ignore[arg-type]

    assert getattr(kept, fact) is None
    assert [fault.field for fault in faults] == [fact]
