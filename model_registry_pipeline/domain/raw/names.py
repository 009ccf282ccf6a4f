"""What the name of a dropped or replayed file tells: whose list it is, and when the source said it."""

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

INSTANT = r"(?P<day>\d{4}-\d{2}-\d{2})(?:T(?P<time>\d{6})Z)?"
SUFFIX = r"\.(?:json|csv|ya?ml)(?:\.gz)?"
"""Lists are JSON; leaderboards are published as CSV and YAML too."""

DROP = re.compile(rf"(?P<source>.+)_{INSTANT}{SUFFIX}", re.ASCII)
REPLAY = re.compile(
    rf"{INSTANT}(?:-(?P<number>\d{{1,4}}))?(?:_page(?P<page>\d{{1,4}}))?(?P<rest>.*?){SUFFIX}", re.ASCII | re.DOTALL
)
SURROGATE = re.compile(r"[\ud800-\udfff]")
"""What the operating system's bytes become where they are not UTF-8; no database takes it."""


class UnreadableNameError(Exception):
    """A file's name does not tell what it must. The text says what is wrong, and shows the name harmlessly."""


@dataclass(frozen=True)
class Drop:
    """A file that was dropped for a source."""

    source: str
    observed_at: datetime
    """UTC; a name with a day only means its first instant."""


@dataclass(frozen=True)
class Replay:
    """A file of a folder of one source's dated dumps."""

    observed_at: datetime
    page: int | None
    """`…_page2.json`: files of one instant with page numbers are one dump."""
    file: str | None = None
    """`…_pricing_openai.json` is the file `pricing/openai` of a list that lies in such files; they too are one dump."""


def parse_drop_name(name: str, known_sources: Set[str]) -> Drop:
    """Read `<source>_models_<YYYY-MM-DD>[THHMMSSZ].json[.gz]`, or the same without `_models`.

    A source whose own name ends so (github_models) is recognized first. Raises UnreadableNameError.
    """
    match = DROP.fullmatch(name)
    if match is None:
        raise UnreadableNameError(f"{name!r} is not named <source>_models_<YYYY-MM-DD>[THHMMSSZ].json[.gz]")
    stated = match["source"]
    source = next((known for known in (stated, stated.removesuffix("_models")) if known in known_sources), None)
    if source is None:
        raise UnreadableNameError(f"{name!r}: no source is called {stated.removesuffix('_models')!r}")
    return Drop(source, _instant(name, match))


def parse_replay_name(name: str, files: Sequence[str] = ()) -> Replay:
    """Read `YYYY-MM-DD[THHMMSSZ][anything].json[.gz]`; of a list that lies in `files`, one of them must be named.

    `2026-02-19-1.json` comes after `2026-02-19.json`, `-2` after it: the number is taken as seconds, so that the
    files of a day keep their order and each has an instant of its own. Raises UnreadableNameError.
    """
    if SURROGATE.search(name):
        raise UnreadableNameError(f"{name!r} holds bytes that are no text")
    match = REPLAY.fullmatch(name)
    if match is None:
        raise UnreadableNameError(f"{name!r} does not begin with YYYY-MM-DD[THHMMSSZ] and end with .json or .json.gz")
    observed_at = _instant(name, match) + timedelta(seconds=int(match["number"] or 0))
    page = int(match["page"]) if match["page"] else None
    return Replay(observed_at, page, _file(name, match["rest"], files) if files and match["rest"] else None)


def _file(name: str, stated: str, files: Sequence[str]) -> str:
    file = next((file for file in files if file.replace("/", "_") == stated.removeprefix("_")), None)
    if file is None:
        raise UnreadableNameError(f"{name!r} names none of the files that its list lies in")
    return file


def _instant(name: str, match: re.Match[str]) -> datetime:
    try:
        return datetime.strptime(f"{match['day']} {match['time'] or '000000'}", "%Y-%m-%d %H%M%S").replace(tzinfo=UTC)
    except ValueError:
        raise UnreadableNameError(f"{name!r} names a day or a time that does not exist") from None
