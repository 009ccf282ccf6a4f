"""What a source's fixture says, and how it is written again.

    python -m model_registry_pipeline_tests.sources.recording              # all: read the recorded documents again
    python -m model_registry_pipeline_tests.sources.recording NAME FILE    # a new document for one source

A fixture is `{recorded_on, parser_version, document, offerings, measurements}`. Its document holds a few records, facts
only: no sentences of a provider's. `recorded_on` is the day of the payload that it was taken from.
"""

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from model_registry_pipeline.domain.normalized.translate import Listing, parser_version, read_listing
from model_registry_pipeline.domain.source import Source
from model_registry_pipeline.sources import all_sources, source_named

FIXTURES = Path(__file__).parent / "fixtures"


class Fixture(msgspec.Struct, kw_only=True):
    """One source's recorded document and what it means."""

    recorded_on: str
    parser_version: str
    document: Any
    offerings: list[dict[str, Any]]
    rejections: list[dict[str, Any]] = []
    measurements: list[dict[str, Any]] = []


def fixture_of(source: Source) -> Fixture:
    """The fixture of a source. Raises FileNotFoundError where it has none."""
    return msgspec.json.decode((FIXTURES / f"{source.name}.json").read_bytes(), type=Fixture)


def reading_of(source: Source, document: object) -> Listing:
    """The document as it is read today."""
    return read_listing(source, [json.dumps(document).encode()])


def offerings_of(listing: Listing) -> list[dict[str, Any]]:
    """Each record's facts, with what nobody named beside them."""
    return [
        msgspec.json.decode(record.facts) | ({"extra": msgspec.json.decode(record.extra)} if record.extra else {})
        for record in listing.records
    ]


def measurements_of(listing: Listing) -> list[dict[str, Any]]:
    """Each figure, with the model or the name that it is of."""
    owned = [(record.model_id, record.measured) for record in listing.records]
    owned += [(score.subject, score.measured) for score in listing.scores]
    return [
        {
            "of": owner,
            "metric": one.metric.name,
            "unit": one.metric.unit,
            "value": str(one.value),
            **({"variant": one.variant} if one.variant else {}),
            **({"measured_on": one.measured_on} if one.measured_on else {}),
        }
        for owner, measured in owned
        for one in measured
    ]


def record(source: Source, document: object, recorded_on: str) -> None:
    """Write a fixture, unless it says that already. Raises SystemExit where offerings would change under the same
    parser version."""
    listing = reading_of(source, document)
    fixture = Fixture(
        recorded_on=recorded_on,
        parser_version=parser_version(source),
        document=document,
        offerings=offerings_of(listing),
        rejections=[msgspec.to_builtins(rejection) for rejection in listing.rejections],
        measurements=measurements_of(listing),
    )
    path = FIXTURES / f"{source.name}.json"
    if path.exists():
        before = fixture_of(source)
        is_same_rules = before.document == document and before.parser_version == fixture.parser_version
        if is_same_rules and before.offerings != fixture.offerings:
            sys.exit(f"{source.name}: the same document gives other offerings; raise the version of its SOURCE first")
        if before == fixture:
            return
    path.write_text(json.dumps(msgspec.to_builtins(fixture), indent=1, ensure_ascii=False) + "\n")


def main() -> None:
    """Record all fixtures again, or one from a new document."""
    match sys.argv[1:]:
        case []:
            for source in all_sources():
                recorded = fixture_of(source)
                record(source, recorded.document, recorded.recorded_on)
        case [name, file]:
            new = json.loads(Path(file).read_bytes())
            record(source_named(name), new["document"], new["recorded_on"])
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
