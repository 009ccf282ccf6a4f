"""Builders for tests: the nouns with defaults, and a source whose dumps fit into a line."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from model_registry_pipeline.domain.history.acceptance import Sighting
from model_registry_pipeline.domain.history.fold import Step
from model_registry_pipeline.domain.normalized.layouts import Listed
from model_registry_pipeline.domain.normalized.prices import Meter, price_lines, settled
from model_registry_pipeline.domain.raw.fingerprint import dump_sha256
from model_registry_pipeline.domain.records import Offering
from model_registry_pipeline.domain.source import Source, Wire
from model_registry_pipeline.warehouse.raw import NewDump

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)


def at(hours: float) -> datetime:
    """An instant, counted from the beginning of 2025."""
    return BEGIN + timedelta(hours=hours)


def a_sighting(dump_id: int, ids: Iterable[int] = range(20), **but: Any) -> Sighting:
    """Dump 1 is of the first day of 2025, dump 2 of the second …"""
    stated: dict[str, Any] = {"dump_id": dump_id, "observed_at": at(24 * (dump_id - 1)), "offering_ids": frozenset(ids)}
    return Sighting(**stated | but)


def an_offering(**but: Any) -> Offering:
    """An offering that states its identity only."""
    return Offering(**{"provider_id": "shop", "model_id": "a"} | but)


# -- the shop --------------------------------------------------------------------------------------------------------


class Ware(Wire):
    id: str
    description: str | None = None
    context: int | None = None
    tools: bool | None = None
    input: Decimal | None = None
    output: Decimal | None = None


METERS = {"input": Meter("input"), "output": Meter("output")}


def _ware(ware: Ware) -> Offering | None:
    return Offering(
        provider_id="shop",
        model_id=ware.id,
        description=ware.description,
        context_window_tokens=ware.context,
        supports_tools=ware.tools,
        **settled(price_lines(ware, METERS))._asdict(),
    )


def a_shop(**but: Any) -> Source:
    """A source that lists wares: `[{"id": "a", "input": 1}]`, prices per million tokens."""
    stated: dict[str, Any] = {
        "name": "shop",
        "label": "Shop",
        "base_url": "https://shop.test",
        "path": "/wares",
        "layout": Listed(wire=Ware, parse=_ware),
        "website": "https://shop.test",
        "terms": "none",
        "about": "A shop.",
    }
    return Source(**stated | but)


Wares = Mapping[str, Mapping[str, object]]
"""What a list says of each id."""


def wares(count: int, **facts: object) -> dict[str, dict[str, object]]:
    """So many wares, all with these facts."""
    return {f"ware-{number:02}": dict(facts) for number in range(count)}


def a_document(listed: Wares) -> bytes:
    return json.dumps([{"id": name, **facts} for name, facts in listed.items()]).encode()


def a_dump(documents: Wares | bytes | Sequence[bytes], **but: Any) -> NewDump:
    """A fetched answer of the shop, stored at the instant at which it was said."""
    if isinstance(documents, Mapping):
        documents = a_document(documents)
    pages = [documents] if isinstance(documents, bytes) else list(documents)
    stated: dict[str, Any] = {"source": "shop", "observed_at": BEGIN, "origin": "fetch", "documents": pages}
    stated |= but
    return NewDump(**{"recorded_at": stated["observed_at"], "sha256": dump_sha256(pages)} | stated)


# -- listings for the fold -------------------------------------------------------------------------------------------


def steps_of(listings: Sequence[Mapping[int, int]]) -> list[Step]:
    """The steps between listings (offering_id → record_id), a day apart; dump 1 is the first."""
    steps = []
    before: Mapping[int, int] = {}
    for index, listing in enumerate(listings):
        steps.append(
            Step(
                dump_id=index + 1,
                observed_at=at(24 * index),
                previous_at=at(24 * (index - 1)) if index else None,
                entered=dict(listing.items() - before.items()),
                left=dict(before.items() - listing.items()),
            )
        )
        before = listing
    return steps
