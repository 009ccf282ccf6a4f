"""What several files say about a model is one record, under the provider that the file's name tells."""

import json
from typing import Any

import pytest

from model_registry_pipeline.domain.normalized.files import Filed
from model_registry_pipeline.domain.records import Offering
from model_registry_pipeline.domain.source import UnreadableError, Wire


class Word(Wire):
    provider: str
    id: str
    general: dict[str, int] | None = None
    pricing: dict[str, int] | None = None


def parse(word: Word) -> Offering | None:
    return Offering(provider_id=word.provider, model_id=word.id)


LAYOUT = Filed(parts=("general", "pricing"), wire=Word, parse=parse, not_models=frozenset({"default"}))


def bodies(files: dict[str, Any]) -> list[dict[str, Any]]:
    return [json.loads(record.body) for record in LAYOUT.records(json.dumps(files).encode())]


def test_the_parts_of_a_model_are_one_record() -> None:
    """A model that stands in one part only is one too; what is no model is left out."""
    files = {
        "pricing/a": {"default": {"usd": 0}, "m": {"usd": 1}},
        "general/a": {"m": {"size": 2}, "n": {"size": 3}},
        "general/b": {"m": {"size": 4}},
    }

    assert bodies(files) == [
        {"provider": "a", "id": "m", "general": {"size": 2}, "pricing": {"usd": 1}},
        {"provider": "a", "id": "n", "general": {"size": 3}},
        {"provider": "b", "id": "m", "general": {"size": 4}},
    ]


def test_the_order_of_the_files_makes_no_difference() -> None:
    """Records come in the order of the files' names."""
    files = {"pricing/b": {"m": {}}, "general/a": {"m": {}}, "pricing/a": {"m": {}}}

    assert bodies(files) == bodies(dict(reversed(files.items())))


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        pytest.param({"general/a": {"m": {}}}, "no file `pricing/…`", id="a part is missing"),
        pytest.param({"m": {}}, "no file `general/…`", id="no files"),
        pytest.param([{"id": "m"}], "no file `general/…`", id="a list"),
        pytest.param({"general/a": {}, "pricing/a": "<html>"}, "`pricing/a` is no object of models", id="no JSON"),
        pytest.param({"general/a": {}, "pricing/a": []}, "`pricing/a` is no object of models", id="a list in a file"),
    ],
)
def test_what_is_not_whole_is_unreadable(document: Any, reason: str) -> None:
    """Half a list would let the other half vanish."""
    with pytest.raises(UnreadableError, match=reason):
        LAYOUT.records(json.dumps(document).encode())
