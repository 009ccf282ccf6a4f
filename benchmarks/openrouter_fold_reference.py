"""The naive reference of the history: a folder of dated OpenRouter dumps, folded in memory with plain dictionaries.

No code is shared with the product. Five fields a model (id, name, context length, prompt and completion price), one
pass in time order. Every dump counts: none of the recorded ones is empty or broken. Prints one JSON object.
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

DUMPS = Path(".dumps/openrouter")


class Facts(NamedTuple):
    """What is compared of one model."""

    name: str
    context_length: int | None
    prompt: Decimal | None
    completion: Decimal | None


class Event(NamedTuple):
    """One step of one model, at the instant of the dump that shows it."""

    observed_at: str
    kind: str
    model_id: str
    field: str = ""
    before: str = ""
    after: str = ""


def listings(folder: Path) -> Iterator[tuple[str, dict[str, Facts]]]:
    """Each dump's instant, as its file is named, and its models by id; of a repeated id the last one counts."""
    for path in sorted(folder.glob("*.json")):
        models = json.loads(path.read_bytes())["data"]
        yield path.stem, {model["id"]: facts(model) for model in models}


def facts(model: dict[str, Any]) -> Facts:
    """Prices are compared as numbers: 0.10 is 0.1."""
    pricing = model["pricing"]
    return Facts(model["name"], model["context_length"], price(pricing.get("prompt")), price(pricing.get("completion")))


def price(text: str | None) -> Decimal | None:
    """A price as the source states it, per token; None: it states none."""
    return None if text is None else Decimal(text)


def fold(folder: Path) -> tuple[Counter[str], list[Event]]:
    """Count what happens from dump to dump, and tell each step."""
    counts: Counter[str] = Counter()
    events: list[Event] = []
    last_known: dict[str, Facts] = {}
    previous: dict[str, Facts] | None = None
    for observed_at, now in listings(folder):
        counts["dumps"] += 1
        counts["listed"] += len(now)
        if previous is not None:
            for model_id in previous.keys() - now.keys():
                counts["vanished"] += 1
                events.append(Event(observed_at, "vanished", model_id))
        for model_id, present in now.items():
            known = last_known.get(model_id)
            last_known[model_id] = present
            if known is None:
                counts["appeared"] += 1
                events.append(Event(observed_at, "appeared", model_id))
                continue
            absent = previous is None or model_id not in previous
            if absent:
                counts["returned"] += 1
                events.append(Event(observed_at, "returned", model_id))
            if known != present:
                compare(counts, events, observed_at, model_id, known, present, absent)
        previous = now
    counts["ids"] = len(last_known)
    counts["listed_at_the_end"] = len(previous or ())
    return counts, events


def compare(
    counts: Counter[str],
    events: list[Event],
    observed_at: str,
    model_id: str,
    known: Facts,
    present: Facts,
    absent: bool,
) -> None:
    """Count the steps of a model between its last two sightings. A move of both prices is one step, and two fields."""
    moved = [name for name in Facts._fields if getattr(known, name) != getattr(present, name)]
    counts["changed_any_of_four_fields"] += 1
    priced = [name for name in moved if name in {"prompt", "completion"}]
    if priced:
        counts["price_steps"] += 1
        counts["price_fields"] += len(priced)
        if absent:
            counts["price_steps_over_an_absence"] += 1
            counts["price_fields_over_an_absence"] += len(priced)
    events.extend(
        Event(observed_at, "changed", model_id, name, str(getattr(known, name)), str(getattr(present, name)))
        for name in moved
    )


def summary(folder: Path) -> dict[str, Any]:
    """Seconds and counts, with price steps both ways of counting them."""
    began = time.perf_counter()
    counts, _ = fold(folder)
    seconds = time.perf_counter() - began
    return {
        "seconds": round(seconds, 3),
        **counts,
        "price_steps_between_consecutive_listings": counts["price_steps"] - counts["price_steps_over_an_absence"],
        "price_steps_against_last_known": counts["price_steps"],
    }


def main() -> None:
    """Print the summary; with `--events` also write each step as a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=DUMPS)
    parser.add_argument("--events", type=Path, help="write every step here, one JSON object a line")
    options = parser.parse_args()
    if options.events:
        _, events = fold(options.folder)
        lines = (json.dumps(event._asdict()) for event in sorted(events))
        options.events.write_text("".join(f"{line}\n" for line in lines))
    print(json.dumps(summary(options.folder)))


if __name__ == "__main__":
    main()
