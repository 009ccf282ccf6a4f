"""Every stated price computed again, straight from the recorded JSON, by code that shares nothing with the product.

    python -m benchmarks.price_proof [SOURCE …]

For each record of each recorded answer in `.dumps/<source>/` the prices are written down by hand-made tables (what a
key counts, how far its decimal point is off) as (unit, US dollars, thresholds, tier) and compared, as multisets, with
the lines that the source's file makes of the same record. What a key means for one source is told here a second time,
on purpose: only a price that both tell alike is counted as equal.
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from benchmarks.recorded import answers
from model_registry_pipeline.domain.normalized.salvage import decoder, salvage
from model_registry_pipeline.domain.source import Source, UnreadableError
from model_registry_pipeline.sources import source_named

SHOWN = 5
Price = tuple[str, Decimal, int, int, str]
"""Unit, US dollars, above so many tokens, up to so many tokens (0: not stated), the service tier."""
MILLION = Decimal(1_000_000)


def openrouter(model: dict[str, Any]) -> Iterator[Price]:
    """Strings per token; -1 carries no number."""
    pricing = model.get("pricing") or {}
    blocks = [(pricing, 0)] + [(one, one["min_prompt_tokens"]) for one in pricing.get("overrides") or []]
    for block, above in blocks:
        for name, stated in block.items():
            if name in {"overrides", "min_prompt_tokens", "discount"} or Decimal(stated) == -1:
                continue
            is_whole = name in {"request", "web_search"} or (name == "image" and not _is_google_image(block))
            unit = {"request": "request", "web_search": "search", "image": "image"}[name] if is_whole else "mtok"
            yield unit, Decimal(stated) * (1 if is_whole else MILLION), above, 0, ""


def _is_google_image(block: dict[str, Any]) -> bool:
    return Decimal(block["image"]) != 0 and Decimal(block["image"]) == Decimal(block.get("prompt", "0"))


def models_dev(model: dict[str, Any]) -> Iterator[Price]:
    """Per million; tiers take the place of `context_over_200k`."""
    cost = model.get("cost") or {}
    blocks = [(cost, 0, "")] + [(tier, tier["tier"]["size"], "") for tier in cost.get("tiers") or []]
    if cost.get("context_over_200k") and not cost.get("tiers"):
        blocks.append((cost["context_over_200k"], 200_000, ""))
    modes = (model.get("experimental") or {}).get("modes") or {}
    for name, mode in modes.items():
        tier = ((mode.get("provider") or {}).get("body") or {}).get("service_tier") or name
        blocks.append((mode.get("cost") or {}, 0, tier))
    for block, above, tier in blocks:
        for value in block.values():
            if isinstance(value, int | Decimal):
                yield "mtok", Decimal(value), above, 0, tier


def litellm(model: dict[str, Any]) -> Iterator[Price]:
    """The last word of a name is its tier, if it is one; tokens are counted by the million."""
    blocks: list[tuple[dict[str, Any], int, int]] = [(model, 0, 0)]
    for tier in model.get("tiered_pricing") or []:
        above, up_to = tier.get("range") or (0, 0)
        blocks.append((tier, int(above), int(up_to)))
    for block, from_tokens, up_to in blocks:
        for name, stated in block.items():
            if "cost" in name and isinstance(stated, int | Decimal) and "_db" not in name:
                above, tier = _litellm_conditions(name)
                unit, factor = _litellm_unit(name)
                yield unit, Decimal(stated) * factor, above or from_tokens, up_to, tier
    peak = model.get("off_peak_pricing") or {}
    windows = len(peak.get("windows") or []) + bool(peak.get("hours_utc"))
    for name, stated in peak.items():
        if "cost" in name:
            for _ in range(windows):
                yield "mtok", Decimal(stated) * MILLION, 0, 0, ""
    for stated in (model.get("search_context_cost_per_query") or {}).values():
        yield "search", Decimal(stated), 0, 0, ""
    for stated in (model.get("guardrail_cost_per_unit") or {}).values():
        yield "unit", Decimal(stated), 0, 0, ""


LITELLM_TIERS = ("batches", "batch_requests", "priority", "flex", "ultrafast", "balanced", "decisions")
LITELLM_UNITS = {
    r"per_1k_tokens": ("mtok", Decimal(1000)),
    r"per_1k_calls": ("call", Decimal(1) / 1000),
    r"per_second|per_audio_per_second|per_video_per_second": ("second", Decimal(1)),
    r"per_image_token|per_audio_token|per_video_token|per_token|token_cost|reasoning_token": ("mtok", MILLION),
    r"per_image": ("image", Decimal(1)),
    r"per_pixel": ("pixel", Decimal(1)),
    r"per_character": ("character", Decimal(1)),
    r"per_query": ("query", Decimal(1)),
    r"per_request": ("request", Decimal(1)),
    r"per_page": ("page", Decimal(1)),
    r"per_session": ("session", Decimal(1)),
    r"per_gb_per_day": ("gb_day", Decimal(1)),
    r"per_text_message": ("message", Decimal(1)),
    r"per_credit": ("credit", Decimal(1)),
}


def _litellm_unit(name: str) -> tuple[str, Decimal]:
    return next(found for pattern, found in LITELLM_UNITS.items() if re.search(pattern, name))


def _litellm_conditions(name: str) -> tuple[int, str]:
    above = re.search(r"above_(\d+)k_tokens", name)
    tier = next((tier for tier in LITELLM_TIERS if name.endswith("_" + tier)), "")
    return int(above[1]) * 1000 if above else 0, "batch" if tier.startswith("batch") else tier


GENAI_UNITS = {
    "mtok": ("mtok", Decimal(1)),
    "kcount": ("", Decimal(1) / 1000),
    "kpages": ("page", Decimal(1) / 1000),
    "mchars": ("character", Decimal(1) / MILLION),
    "hours": ("hour", Decimal(1)),
}
GENAI_COUNTED = {
    "requests": "request",
    "web_searches": "search",
    "storage_searches": "search",
    "input_text_messages": "message",
}


def genai_prices(model: dict[str, Any]) -> Iterator[Price]:
    """Every number of every entry; that no recorded entry is overruled for good is checked with it."""
    stated = model.get("prices") or {}
    entries = [{"prices": stated}] if isinstance(stated, dict) else stated
    for entry in [*entries, *(model.get("price_variants") or [])]:
        when = entry.get("when") or {}
        tier = "+".join(when[name] for name in ("processing", "service_tier", "speed") if name in when)
        for name, price in entry["prices"].items():
            what, _, word = name.rpartition("_")
            unit, factor = GENAI_UNITS[word]
            steps = (
                [(price["base"], 0)] + [(step["price"], step["start"]) for step in price["tiers"]]
                if isinstance(price, dict)
                else [(price, 0)]
            )
            for number, above in steps:
                yield unit or GENAI_COUNTED[what], Decimal(number) * factor, above, 0, tier


def zenmux(model: dict[str, Any]) -> Iterator[Price]:
    """Entries with a unit each, for ranges of thousands of tokens."""
    for name, entries in (model.get("pricings") or {}).items():
        for entry in entries:
            tokens = (entry.get("conditions") or {}).get("prompt_tokens") or {}
            above = int(tokens["gt"] * 1000) if "gt" in tokens else max(int(tokens.get("gte", 0) * 1000) - 1, 0)
            up_to = (
                int(tokens["lte"] * 1000) if "lte" in tokens else int(tokens["lt"] * 1000) - 1 if "lt" in tokens else 0
            )
            unit = "mtok" if entry["unit"] == "perMTokens" else {"web_search": "search"}.get(name, name)
            yield unit, Decimal(entry["value"]), above, up_to, ""


def vercel_ai_gateway(model: dict[str, Any]) -> Iterator[Price]:
    """Strings per token, image and second; web searches by the thousand."""
    for name, stated in (model.get("pricing") or {}).items():
        if name == "web_search":
            yield "search", Decimal(stated) / 1000, 0, 0, ""
        elif name == "image":
            yield "image", Decimal(stated), 0, 0, ""
        elif isinstance(stated, str):
            yield "mtok", Decimal(stated) * MILLION, 0, 0, ""
        else:
            for one in stated:
                if "cost_per_second" in one:
                    yield "second", Decimal(one["cost_per_second"]), 0, 0, ""
                elif name.endswith("_tiers"):
                    above, up_to = max(one["min"] - 1, 0), one.get("max", 1) - 1
                    yield "mtok", Decimal(one["cost"]) * MILLION, above, up_to, ""
                else:
                    yield "image", Decimal(one["cost"]), 0, 0, ""


def artificial_analysis(model: dict[str, Any]) -> Iterator[Price]:
    """Per million; nothing where all is 0."""
    stated = [model["pricing"][f"price_1m_{side}_tokens"] for side in ("input", "output")]
    yield from (("mtok", Decimal(number), 0, 0, "") for number in stated if any(stated))


PORTKEY_PIECES = {
    "enterprise_web_search": "search",
    "file_search": "call",
    "image_1k": "image",
    "input_image": "image",
    "input_video_essential": "second",
    "input_video_plus": "second",
    "input_video_standard": "second",
    "megapixels": "megapixel",
    "search": "search",
    "video_seconds": "second",
    "web_search": "search",
    "web_search_high_context": "search",
    "web_search_low_context": "search",
    "web_search_medium_context": "search",
}


def portkey(model: dict[str, Any]) -> Iterator[Price]:
    """Cents: a token's, or a piece's; the tail of a key is the length of the context. Nothing where all is 0."""
    kind = (((model.get("general") or {}).get("type")) or {}).get("primary")
    found = []
    for place, entry in model.items():
        config = entry.get("pricing_config") if place.startswith("pricing") else None
        number = int(place.split("-")[2][:-1]) * 1000 if "-" in place else 0
        above, up_to = (number, 0) if "-gt-" in place else (0, number)
        for block, tier in (("pay_as_you_go", ""), ("batch_config", "batch"), ("additional_units", "")):
            found += [
                (unit, usd, above, up_to, tier) for unit, usd in _portkey_rates((config or {}).get(block) or {}, kind)
            ]
        for name, one in ((config or {}).get("fixed_cost") or {}).items():
            found.append((name, one["price"] / Decimal(100), above, up_to, ""))
        for name, one in ((config or {}).get("finetune_config") or {}).items():
            unit, factor = ("hour", 1) if name == "pay_per_hour" else ("mtok", 10**6)
            found.append((unit, one["price"] * factor / Decimal(100), above, up_to, ""))
    yield from (price for price in found if any(usd for _, usd, *_ in found))


def _portkey_rates(block: dict[str, Any], kind: str | None) -> Iterator[tuple[str, Decimal]]:
    for name, one in block.items():
        if name == "additional_units":
            yield from _portkey_rates(one, kind)
        elif name == "image":
            yield from (("image", size["price"] / Decimal(100)) for sizes in one.values() for size in sizes.values())
        elif name.startswith("default_"):
            continue
        elif name in PORTKEY_PIECES or name.startswith("video_duration"):
            yield PORTKEY_PIECES.get(name, "second"), one["price"] / Decimal(100)
        elif one["price"] >= Decimal("0.1") and (kind == "audio" or "audio" in name):
            yield "minute", one["price"] / Decimal(100)
        elif one["price"] >= Decimal("0.1") and kind == "rerank":
            yield "query", one["price"] / Decimal(100)
        else:
            yield "mtok", one["price"] * Decimal(10**6) / 100


READERS: dict[str, Callable[[dict[str, Any]], Iterator[Price]]] = {
    read.__name__: read
    for read in (
        artificial_analysis,
        genai_prices,
        litellm,
        models_dev,
        openrouter,
        portkey,
        vercel_ai_gateway,
        zenmux,
    )
}
"""By source: how its prices are written down here."""


def compared(
    source: Source, read: Callable[[dict[str, Any]], Iterator[Price]], document: bytes
) -> Iterator[tuple[int, str, set[Price], set[Price]]]:
    """Of each record: how many prices it states, where it stands, what is stated, and what the product makes of it."""
    for raw in source.layout.records(document):
        stated = list(read(json.loads(raw.body, parse_float=Decimal)))
        try:
            model = decoder(source.layout.wire).decode(raw.body)
        except ValueError:
            model = salvage(source.layout.wire, raw.body).model
        try:
            offering = source.layout.offering(model, raw)
        except ValueError:  # refused as a whole
            offering = None
        lines = offering.prices if offering else ()
        told = {
            (line.unit, line.usd, line.above_tokens or 0, line.up_to_tokens or 0, line.service_tier or "")
            for line in lines
        }
        yield len(stated), raw.position, set(stated) if offering else set(), told


def main() -> None:
    """Print the figures of each source, and the first records that differ."""
    for name in sys.argv[1:] or READERS:
        source, counts = source_named(name), Counter[str]()
        for answer in answers(name):
            for document in answer.documents:
                counts["answers"] += 1
                try:
                    records = list(compared(source, READERS[name], document))
                except UnreadableError as error:
                    print(f"  {answer.name}: {error}")
                    continue
                for numbers, position, stated, told in records:
                    counts.update(records=1, prices=numbers, differing=stated != told)
                    if stated != told and counts["differing"] <= SHOWN:
                        print(f"  {answer.name} {position}: {sorted(stated - told)} -> {sorted(told - stated)}")
        print(
            f"{name}: "
            + ", ".join(f"{counts[what]:,} {what}" for what in ("answers", "records", "prices", "differing"))
        )


if __name__ == "__main__":
    main()
