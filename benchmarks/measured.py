"""Run a command and write its seconds and its peak memory to a file: `measured.py FILE COMMAND …`.

A small process of its own: Linux counts the memory of the process that forks to the peak of the child, so a benchmark
that holds a large dump itself would be measured in place of the product.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path


def main() -> None:
    """Exit as the command did."""
    began = time.perf_counter()
    process = subprocess.Popen(sys.argv[2:])
    # Not wait(): only wait4 tells the memory of this one child.
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    figures = {"seconds": time.perf_counter() - began, "peak_megabytes": usage.ru_maxrss / 1024}
    Path(sys.argv[1]).write_text(json.dumps(figures))
    sys.exit(process.returncode if process.returncode >= 0 else 128 - process.returncode)


if __name__ == "__main__":
    main()
