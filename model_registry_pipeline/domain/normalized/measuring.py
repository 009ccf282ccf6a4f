"""What a record measures, apart from what it states: an unreadable figure costs itself, and changes no facts."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import msgspec

from model_registry_pipeline.domain.normalized.mending import printable
from model_registry_pipeline.domain.records import Measurement
from model_registry_pipeline.domain.source import Fault, Layout, RawRecord, Source, StatedDay, Wire

MEASURING_VERSION = 1
"""Raise it when a change of this module gives other measurements for the same documents."""

LARGEST = 10**15
MOST_DECIMALS = 30
MAX_VARIANT = 300
"""Characters."""
MAX_NAME = 100
"""Characters of a metric's name."""

Figures = tuple[Measurement, ...]


class Score(msgspec.Struct, frozen=True):
    """What a leaderboard's row says of the name in it."""

    subject: str
    measured: Figures

    @property
    def sha256(self) -> bytes:
        return hashlib.sha256(repr((self.subject, sorted(map(_told, self.measured)))).encode()).digest()


def measuring_version(source: Source) -> str | None:
    """Which rules a dump's measurements were read with; None: the source measures nothing.

    Apart from the parser's version: a change of measuring has the stored dumps read again, and leaves history alone.
    """
    return f"{MEASURING_VERSION}.{source.measures}" if source.measures else None


def figure(stated: msgspec.Raw) -> Decimal | int | None:
    """A number of the wire as it is; None: absent or null. What is no number is NaN, which `sound` tells."""
    text = bytes(stated)
    if text.isdigit():
        return int(text)
    if text in {b"", b"null"}:
        return None
    try:
        return _number.decode(text)
    except msgspec.ValidationError:
        return Decimal("NaN")


_number = msgspec.json.Decoder(Decimal)


def day(stated: StatedDay | None) -> str | None:
    """A stated day as plain text; None: there is none."""
    return str(stated) if stated else None


def conditions(stated: Mapping[str, object]) -> str | None:
    """`effort=high, format=diff`: the conditions that are stated, in the order of their names; None: none is."""
    told = ", ".join(f"{name}={value}" for name, value in sorted(stated.items()) if value not in {None, ""})
    return printable(told)[:MAX_VARIANT] or None


def measured_by(layout: Layout, model: Wire, raw: RawRecord) -> tuple[Figures, tuple[Fault, ...]]:
    """What a record measures, whatever it states, and what can't be read of that."""
    try:
        stated = layout.measurements(model, raw)
        return sound(stated) if stated else _NOTHING
    except (ValueError, ArithmeticError, LookupError, RecursionError) as error:
        return (), (Fault("measurements", str(error) or type(error).__name__),)


_NOTHING: tuple[Figures, tuple[Fault, ...]] = ((), ())


def sound(stated: Iterable[Measurement | Fault]) -> tuple[Figures, tuple[Fault, ...]]:
    """What is stated and can be kept, and what can't, with the reason."""
    kept: list[Measurement] = []
    faults: list[Fault] = []
    for one in stated:
        if not isinstance(one, Measurement):
            faults.append(one)
            continue
        value = one.value
        # Counts of offerings are by far the most, in the longest lists.
        if type(value) is int and -LARGEST < value < LARGEST and one.subject is None:
            kept.append(one)
        elif value is None:
            continue
        elif one.subject is not None and not _is_name(one.metric.name):
            faults.append(Fault(one.metric.name[:MAX_NAME], "no name of a metric"))
        elif is_plausible(value):
            kept.append(one)
        else:
            faults.append(Fault(one.metric.name, "no number that a measurement could be"))
    return tuple(kept), tuple(faults)


def _is_name(stated: str) -> bool:
    """Leaderboards call their metrics by what stands in the document."""
    return len(stated) <= MAX_NAME and stated.isprintable()


def is_plausible(value: Decimal | int) -> bool:
    """Whether a number is finite, and neither too large nor too long for anything that is measured."""
    if isinstance(value, int):
        return -LARGEST < value < LARGEST
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -MOST_DECIMALS and -LARGEST < value < LARGEST


def rivals_settled(found: Sequence[tuple[Score, str]]) -> tuple[list[Score], list[tuple[Score, str]]]:
    """Rows with their positions: those that stand, and those that give way.

    Of rows that measure one name by one metric on one day under the same conditions, the one with the most figures
    stands, then the one with the larger first figures (a leaderboard ranks a model by its best row), whatever their
    order. A row that repeats another gives way in silence.
    """
    by_subject: defaultdict[str, list[tuple[Score, str]]] = defaultdict(list)
    for score, position in found:
        by_subject[score.subject].append((score, position))
    standing: list[Score] = []
    losing: list[tuple[Score, str]] = []
    for rows in by_subject.values():
        taken: set[tuple[str, str | None, str | None]] = set()
        known: set[bytes] = set()
        for score, position in sorted(rows, key=lambda row: _weight(row[0]), reverse=True) if len(rows) > 1 else rows:
            series = {(one.metric.name, one.variant, one.measured_on) for one in score.measured}
            if taken.isdisjoint(series):
                standing.append(score)
                taken |= series
                known.add(score.sha256)
            elif score.sha256 not in known:
                losing.append((score, position))
    return standing, losing


def _weight(score: Score) -> tuple[int, list[Decimal | int | None], bytes]:
    return len(score.measured), [one.value for one in score.measured], score.sha256


def _told(one: Measurement) -> tuple[str, str, str, str, str]:
    assert one.value is not None
    value = str(Decimal(one.value).normalize())
    return one.metric.name, one.metric.unit, value, one.variant or "", one.measured_on or ""
