"""`python -m model_registry_pipeline_tests.torture [kills|fuzz] …`, which `make torture` runs; exit 1 on any fault."""

import argparse
import sys
import time
from collections.abc import Callable
from typing import Any

from model_registry_pipeline_tests.torture.fuzz import fuzz
from model_registry_pipeline_tests.torture.kills import torture

PARTS: dict[str, Callable[..., Any]] = {"fuzz": fuzz, "kills": torture}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="only these")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, help="how many payloads or kills, instead of the usual number")
    options = parser.parse_args()
    faults = 0
    for name in options.parts or PARTS:
        began = time.perf_counter()
        count = {} if options.count is None else {next(iter(PARTS[name].__annotations__)): options.count}
        told = PARTS[name](**count, seed=options.seed, done=_progress(name))
        print(f"\r{name}: {told}, in {time.perf_counter() - began:.0f} s", flush=True)
        for fault in told.faults[:20]:
            print(f"  {fault}")
        faults += len(told.faults)
    sys.exit(bool(faults))


def _progress(name: str) -> Callable[[int], None]:
    def done(count: int) -> None:
        if sys.stderr.isatty() or count % 1000 == 0 or (name == "kills" and count % 10 == 0):
            print(f"\r{name}: {count:,}", end="" if sys.stderr.isatty() else "\n", file=sys.stderr, flush=True)

    return done


main()
