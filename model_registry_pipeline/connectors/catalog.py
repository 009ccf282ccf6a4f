"""The catalogue that this package carries: its data files, one a lab, as one JSON document."""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import msgspec

FOLDER = files("model_registry_pipeline").joinpath("catalog")
ORIGINS = "origins.toml"
"""From where and when the facts are; every other file holds a lab's models."""
MODELS = "models"

_json = msgspec.json.Encoder(decimal_format="number")


def catalog() -> tuple[bytes, datetime]:
    """The catalogue as JSON, and the instant until which it looked. Raises KeyError where a model names an origin that
    stands nowhere."""
    head = _read(FOLDER.joinpath(ORIGINS))
    as_of: datetime = head["as_of"]
    models = [_whole(lab, model, head["origins"]) for lab, model in _models()]
    return _json.encode({"as_of": as_of, MODELS: models}), as_of


def _models() -> Iterator[tuple[str, dict[str, Any]]]:
    for file in sorted(FOLDER.iterdir(), key=lambda file: file.name):
        lab, _, kind = file.name.rpartition(".")
        if kind == "toml" and file.name != ORIGINS:
            yield from ((lab, model) for model in _read(file)[MODELS])


def _whole(lab: str, model: dict[str, Any], origins: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """A model with its lab, and with its origins written out: who, where, under which id, when, and which facts."""
    known_as = model.get("known_as", {})

    def origin(name: str) -> dict[str, str]:
        record = {"record": known_as[name]} if name in known_as else {}
        return {"source": name, **origins[name], **record}

    stated_by = [{**origin(name), "facts": facts} for name, facts in model.pop("stated_by").items()]
    benchmarks = [origin(score.pop("stated_by")) | score for score in model.pop("benchmarks", ())]
    return {"lab": lab, **model, "stated_by": stated_by, "benchmarks": benchmarks}


def _read(file: Traversable) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)
