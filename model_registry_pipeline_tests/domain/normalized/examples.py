"""A source that sends every type of field, for the rules that hold for all sources."""

import json
from decimal import Decimal

import msgspec

from model_registry_pipeline.domain.normalized.layouts import Listed
from model_registry_pipeline.domain.normalized.prices import PER_TOKEN, Meter, price_lines, settled
from model_registry_pipeline.domain.normalized.translate import Listing, read_listing
from model_registry_pipeline.domain.records import Offering
from model_registry_pipeline.domain.source import PASSED_OVER, Layout, PassedOver, Source, StatedDay, Wire

METERS = {"input": Meter("input", shift=PER_TOKEN), "output": Meter("output", shift=PER_TOKEN)}


class ExamplePricing(Wire):
    input: Decimal | None = None
    output: Decimal | None = None


class ExampleModel(Wire):
    id: str
    name: str | None = None
    context: int | None = None
    tools: bool | None = None
    released: StatedDay | None = None
    tags: tuple[str, ...] | None = None
    pricing: ExamplePricing | None = None
    downloads: PassedOver = PASSED_OVER


def parse(model: ExampleModel) -> Offering | None:
    lines = price_lines(model.pricing, METERS) if model.pricing else []
    return Offering(
        provider_id="example",
        model_id=model.id,
        name=model.name,
        context_window_tokens=model.context,
        supports_tools=model.tools,
        released_on=model.released or None,
        aliases=model.tags,
        **settled(lines)._asdict(),
    )


def a_source(layout: Layout | None = None, version: int = 1) -> Source:
    """A source with this layout; by default the example's list at `data`."""
    return Source(
        name="example",
        label="Example",
        base_url="https://example.test",
        path="/models",
        layout=layout or Listed(at="data", wire=ExampleModel, parse=parse),
        version=version,
        website="https://example.test",
        terms="none",
        about="An example.",
    )


def listing_of(*records: object) -> Listing:
    """The listing of a dump with these records."""
    return read_listing(a_source(), [json.dumps({"data": records}).encode()])


def listing_of_text(*records: str) -> Listing:
    """The same, of records as JSON text that json.dumps would not write."""
    return read_listing(a_source(), [f'{{"data": [{",".join(records)}]}}'.encode()])


def facts_of(listing: Listing) -> list[dict[str, object]]:
    """Each record's facts but the provider."""
    facts = [msgspec.json.decode(record.facts, type=dict[str, object]) for record in listing.records]
    return [{name: value for name, value in each.items() if name != "provider_id"} for each in facts]
