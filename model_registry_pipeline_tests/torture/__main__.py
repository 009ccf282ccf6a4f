"""`python -m model_registry_pipeline_tests.torture [PART …]`, which `make torture` runs; exit 1 on any fault."""

import argparse
import sys
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from inspect import signature
from pathlib import Path
from typing import Any

from model_registry_pipeline_tests.torture.figures import write_figures

HERE = "model_registry_pipeline_tests.torture"
MODULES = {"fuzz": "fuzz", "kills": "torture", "outages": "outages", "alerts": "torture"}
PARTS = [part for part in MODULES if find_spec(f"{HERE}.{part}")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="only these")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, help="how many payloads, kills …, instead of the usual number")
    parser.add_argument("--write", type=Path, help="a document whose rows of figures are to be renewed")
    options = parser.parse_args()
    faults = 0
    for name in options.parts or PARTS:
        torture = getattr(import_module(f"{HERE}.{name}"), MODULES[name])
        began = time.perf_counter()
        count = {} if options.count is None else {next(iter(signature(torture).parameters)): options.count}
        told = torture(**count, seed=options.seed, done=_progress(name))
        print(f"\r{name}: {told}, in {time.perf_counter() - began:.0f} s", flush=True)
        for fault in told.faults[:20]:
            print(f"  {fault}")
        faults += len(told.faults)
        if options.write:
            write_figures(options.write, name, str(told))
    sys.exit(bool(faults))


def _progress(name: str) -> Callable[[int], None]:
    def done(count: Any) -> None:
        if sys.stderr.isatty() or count % 1000 == 0 or (name != "fuzz" and count % 10 == 0):
            print(f"\r{name}: {count:,}", end="" if sys.stderr.isatty() else "\n", file=sys.stderr, flush=True)

    return done


if __name__ == "__main__":
    main()
