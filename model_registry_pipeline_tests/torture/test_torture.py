"""The torture in small, and that it would notice: a lost record, an invented one, a dump that nobody read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from model_registry_pipeline.domain.normalized.translate import Listing, read_listing
from model_registry_pipeline.warehouse import health
from model_registry_pipeline.warehouse.engine import Warehouse
from model_registry_pipeline_tests.examples import a_dump, at, wares
from model_registry_pipeline_tests.torture import fuzz as fuzzing
from model_registry_pipeline_tests.torture.figures import write_figures
from model_registry_pipeline_tests.torture.fuzz import fuzz
from model_registry_pipeline_tests.torture.scenes import unsound
from model_registry_pipeline_tests.warehouse.feeding import store


def test_five_hundred_broken_payloads_cost_what_is_broken() -> None:
    """Nothing crashes, no good record is lost, none is invented."""
    told = fuzz(500, seed=2)

    assert told.payloads == 500
    assert told.faults == []
    assert min(told.unreadable, *told.rejected.values()) > 0


def lost(listing: Listing) -> Listing:
    return Listing(listing.records[:-3], listing.rejections, listing.skipped, listing.scores)


def invented(listing: Listing) -> Listing:
    strangers = [msgspec.structs.replace(each, model_id="nobody's") for each in listing.records[:1]]
    return Listing(listing.records + strangers, listing.rejections, listing.skipped, listing.scores)


def mixed_up(listing: Listing) -> Listing:
    changed = [msgspec.structs.replace(each, sha256=b"another") for each in listing.records]
    return Listing(changed, listing.rejections, listing.skipped, listing.scores)


@pytest.mark.parametrize("harm", [lost, invented, mixed_up], ids=lambda harm: harm.__name__)
def test_a_reader_that_loses_or_invents_is_found_out(
    monkeypatch: pytest.MonkeyPatch, harm: Callable[[Listing], Listing]
) -> None:
    """The fuzz sees what the reader does to records that nobody broke."""
    readings = 0

    def read(*words: Any) -> Listing:
        nonlocal readings
        readings += 1
        listing = read_listing(*words)
        # First each source is read whole, to compare with.
        return listing if readings <= len(fuzzing.all_sources()) else harm(listing)

    monkeypatch.setattr(fuzzing, "read_listing", read)

    assert fuzz(80, seed=3).faults


def test_what_is_left_undone_is_found_out(warehouse: Warehouse) -> None:
    """A dump that nobody read or judged, and a sync that seems to run."""
    url = warehouse.engine.url.render_as_string(hide_password=False)
    sound = unsound(url)
    store(warehouse, a_dump(wares(3)))
    with warehouse.transaction() as connection:
        health.begin_sync(connection, "a run", "shop", at(0))

    assert sound is None
    assert unsound(url) == "1 dumps that nobody read, 1 dumps that nobody judged, 1 syncs that seem to run"


def test_figures_go_into_their_row(tmp_path: Path) -> None:
    """Of the part that was run, and no other."""
    document = tmp_path / "reliability.md"
    document.write_text(
        "| kills | a row elsewhere |\n<!-- torture: begin -->\n| fuzz | old |\n| kills | old |\n<!-- torture: end -->\n"
    )
    write_figures(document, "kills", r"100 kills: all converged (\1)")

    assert document.read_text().splitlines() == [
        "| kills | a row elsewhere |",
        "<!-- torture: begin -->",
        "| fuzz | old |",
        r"| kills | 100 kills: all converged (\1) |",
        "<!-- torture: end -->",
    ]
    with pytest.raises(LookupError):
        write_figures(document, "nothing", "figures")
