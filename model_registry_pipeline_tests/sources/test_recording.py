"""How fixtures are written again."""

from pathlib import Path

import msgspec
import pytest

from model_registry_pipeline.sources import source_named
from model_registry_pipeline_tests.sources import recording


def test_what_stands_is_not_written_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Of a fixture that says the same, not even the layout changes; one that says something else is written."""
    groq = source_named("groq")
    fixture = recording.fixture_of(groq)
    laid_out = msgspec.json.encode(fixture)
    path = tmp_path / "groq.json"
    path.write_bytes(laid_out)
    monkeypatch.setattr(recording, "FIXTURES", tmp_path)

    recording.record(groq, fixture.document, fixture.recorded_on)
    left = path.read_bytes()
    recording.record(groq, fixture.document, "2031-01-01")

    assert left == laid_out
    assert recording.fixture_of(groq).recorded_on == "2031-01-01"
