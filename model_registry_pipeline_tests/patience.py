"""How long tests wait. Machines differ by much: what has to come is waited for, what must not come is not for long."""

import time
from collections.abc import Callable

PATIENCE_SECONDS = 300
"""Nothing that comes at all takes so long on any machine."""
LIMITS = (0.3, 3.0, 30.0, 300.0)
"""In seconds, where a limit is met by one thing and must not be met by another: the first will do on most machines."""
NO_LIMITS = {
    f"MODEL_REGISTRY_{limit}_SECONDS": str(PATIENCE_SECONDS)
    for limit in ("CONNECT_TIMEOUT", "READ_TIMEOUT", "DEADLINE", "AVAILABILITY_DEADLINE")
}
"""The environment of a registry that no slowness keeps from its lists."""


def wait_until(holds: Callable[[], bool]) -> None:
    """Look again and again; fails when it does not come."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.01)
