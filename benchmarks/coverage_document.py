"""docs/coverage.md, and what in it is a finding: a value that is stated and not held, or held and not stated."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.coverage import Count, FieldCount

SAYS_NOTHING = (
    (r"artificial_analysis", r".*_usd_per_.*", r"0", "not known: its newer interface says null"),
    (r"artificial_analysis", r"measured .*", r"0", "not measured"),
    (r"azure_openai|mistral", r"kind|input_modalities", r"False", "a capability that it lacks"),
    (r"bedrock", r"supports_reasoning", r"False", "one of two ways of reasoning; the other is not stated"),
    (r"bench_.*", r"measured .*cost|measured .*calls", r"0(\.0*)?", "not known"),
    (r"google", r"kind|max_output_tokens", r"[a-z]+[A-Z].*", "methods that name no kind, or give no tokens"),
    (r"google", r"max_output_tokens", r"1", "of an embedding"),
    (r"litellm", r"supports_attachments", r"False", "one kind of file; of others nothing is stated"),
    (r"mistral", r"input_modalities", r"True", "of speech alone"),
    (r"portkey", r".*_usd_per_.*", r"0", "all of its prices are 0: none is known"),
    (r"portkey", r"input_usd_per_.*", r"0\.6", "a minute of audio, stated three times and held once"),
    (r"portkey", r"input_.*usd_per_.*", r"0\.(2|25|3|6)", "too dear for a token, and no type says what is counted"),
    (r"portkey", r"kind", r"chat|text|responses", "what the gateway calls where it knows no better"),
    (r"portkey", r"max_output_tokens", r"tool_choice", "another parameter"),
    (r"together", r"(input|output)_usd_per_mtok", r".*", "of a type whose unit is stated nowhere"),
    (r"together", r"license", r"unknown", "not known"),
    (r"vercel_ai_gateway", r"max_output_tokens", r"32768|[a-z]+", "of a type that gives no tokens"),
    (r"vertex", r"canonical_name", r"default", "no version"),
    (r".*", r"kind", r".*, .*", "several outputs"),
    (r".*", r".*_usd_per_.*", r"-1(\.0+)?", "it varies"),
    (r".*", r"(context|max_|embedding|parameters).*", r"0", "not known"),
    (r".*", r".*_on", r"0|735790403|1970-01-01.*|2098-.*|9999.*|4[01]\d{8}", "no date"),
    (r".*", r".*", r"\s*", "blank"),
)
"""(source, field, value, what it means): what is present and states nothing; patterns, of the whole."""
UNREADABLE = ("portkey 2026-08-20: not whole: no file `pricing/…`",)
"""Answers that are no list, rightly."""
SHOWN = 4
"""Values of a field in a cell."""
HEAD = """# Coverage

What of every recorded payload is read: written by `python -m benchmarks.coverage`, over all answers that
[sources.md](sources.md) names. "Stated" is not what the parsing code says: each path of the payload is taken away from
sample records, and what then reads otherwise rests on that path. An entry states a field where something stands at such
a path. Counts are of entries over all answers, so an entry that stands in 600 of them counts 600 times.
"""


def written(counts: Sequence["Count"]) -> tuple[str, list[str]]:
    """The document, and the findings."""
    lacking = [done.source.name for done in counts if not done.dumps]
    counts = [done for done in counts if done.dumps]
    findings = [finding for done in counts for finding in _findings(done)]
    summary = [
        *_summary(counts, findings),
        *([f"Without a recorded answer: {', '.join(lacking)}.", ""] if lacking else ()),
    ]
    parts = [HEAD, "\n".join(summary), "\n".join(_records(counts))]
    parts += ["\n".join(_source(done)) for done in counts]
    return "\n".join(parts), findings


def _findings(done: "Count") -> Iterator[str]:
    name = done.source.name
    yield from (f"{name}: unreadable: {each}" for each in done.unreadable if each not in UNREADABLE)
    for field, counted in sorted(done.fields.items()):
        for (path, value), times in counted.silent.items():
            if not meaning(name, field, value):
                yield f"{name}: {field} is not held with `{path}` = {value!r}, {times} times"
        yield from (f"{name}: {field} = {value} is stated nowhere, {n} times" for value, n in counted.invented.items())
        if counted.zeros:
            yield f"{name}: {field} is held as 0 {counted.zeros} times where no 0 is stated"
    yield from (f"{name}: {what} stands nowhere in its entry, {times} times" for what, times in done.strange.items())


def meaning(source: str, field: str, value: str) -> str | None:
    """What a value that states nothing means."""
    for sources, fields, values, why in SAYS_NOTHING:
        if re.fullmatch(sources, source) and re.fullmatch(fields, field) and re.fullmatch(values, value):
            return why
    return None


def _summary(counts: Sequence["Count"], findings: Sequence[str]) -> Iterator[str]:
    entries, fields = sum(done.entries for done in counts), [one for done in counts for one in done.fields.values()]
    refused = sum(done.rejected("record") for done in counts)
    yield f"- {len(counts)} sources, {sum(done.dumps for done in counts):,} answers, {entries:,} entries."
    yield f"- Read: {_share(entries - refused, entries)}; {refused:,} entries are refused, each with its reason below."
    stated, held = sum(one.stated + one.unread for one in fields), sum(one.held for one in fields)
    yield f"- {len(fields):,} fields of sources: stated {stated:,} times, held {held:,} times; the other"
    yield f"  {stated - held:,} can't be read, and are told as such."
    yield f"- Held though not stated: {sum(one.invented.total() for one in fields):,}."
    yield f"- Held as 0 where no 0 is stated: {sum(one.zeros for one in fields):,}."
    yield f"- Numbers that are held and stand nowhere in their entry: {sum(done.strange.total() for done in counts):,}."
    yield f"- Differences that nobody has explained: {len(findings):,}."
    yield ""


def _records(counts: Sequence["Count"]) -> Iterator[str]:
    yield "## Records"
    yield ""
    yield "| source | answers | entries | read | refused | no models | conflicting duplicates | unreadable fields |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for done in counts:
        refused, others = done.rejected("record"), (done.skipped, done.rejected("duplicate"), done.rejected("field"))
        read = _share(done.entries - refused, done.entries)
        told = " | ".join(f"{number:,}" for number in (refused, *others))
        yield f"| `{done.source.name}` | {done.dumps:,} | {done.entries:,} | {read} | {told} |"
    yield ""
    yield "Each reason:"
    yield ""
    yield from (f"- {_escaped(each)}" for done in counts for each in done.unreadable)
    for done in counts:
        for (kind, field, reason), times in done.rejections.most_common():
            yield f"- `{done.source.name}`, {times:,} × {kind}{f' `{field}`' if field else ''}: {_escaped(reason)}"
    yield ""


def _source(done: "Count") -> Iterator[str]:
    yield f"## `{done.source.name}`"
    yield ""
    yield "| field | stated | held | can't be read | present, and states nothing |"
    yield "| --- | ---: | ---: | ---: | --- |"
    for field, counted in sorted(done.fields.items()):
        stated = counted.stated + counted.unread
        cells = (_share(stated, done.offered), _share(counted.held, done.offered), f"{counted.unread or ''}")
        yield f"| {_escaped(field)} | {' | '.join(cells)} | {_silent(done.source.name, field, counted)} |"
    yield ""
    fed = {path for path, names in done.feeds.by_path.items() if names}
    for title, paths in (
        ("Named, and no field rests on it", {path for path in done.paths if path not in fed | done.unnamed}),
        ("Named by nobody, kept in `extra`", {path for path in done.paths if path in done.unnamed - fed}),
    ):
        if paths:
            yield f"{title}: {_left(done.paths, paths, fed)}."
            yield ""


def _silent(source: str, field: str, counted: "FieldCount") -> str:
    values: Counter[str] = Counter()
    for (path, value), times in counted.silent.items():
        values[f"{_escaped(value) or 'blank'} ({meaning(source, field, value) or f'**unexplained**, `{path}`'})"] += (
            times
        )
    told = [f"{times:,} × {value}" for value, times in values.most_common(SHOWN)]
    return ", ".join(told) + (f", {len(values) - SHOWN} more" if len(values) > SHOWN else "")


def _left(paths: Counter[tuple[str, ...]], left: set[tuple[str, ...]], fed: set[tuple[str, ...]]) -> str:
    """Paths by the highest name under which no other path is used."""
    tops: dict[str, int] = {}
    for path in sorted(left):
        depth = next(
            (d for d in range(1, len(path)) if not any(one[:d] == path[:d] for one in paths if one not in left)),
            len(path),
        )
        name = ".".join(path[:depth]).replace(".[]", "[]")
        tops[name] = max(tops.get(name, 0), paths[path])
    return ", ".join(f"`{name}` {times:,}" for name, times in sorted(tops.items()))


def _share(part: int, whole: int) -> str:
    """A count and its share, which is 100 % only where it is all."""
    if part == whole or not whole:
        return f"{part:,} (100 %)" if whole else "0"
    return f"{part:,} ({min(100 * part / whole, 99.99):.2f} %)"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "\\<").replace("*", "\\*").strip()
