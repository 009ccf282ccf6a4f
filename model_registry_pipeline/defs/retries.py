"""How often a step is tried: a database that restarts is back within half a minute."""

import sys

import dagster as dg


class Retries(dg.RetryPolicy):
    """Tries again what failed, but not what was told to end: Dagster would begin an interrupted step anew."""

    def calculate_delay(self, attempt_num: int) -> float:
        """Seconds until the next try. Dagster asks while the error is being handled; an interruption goes on."""
        error = sys.exception()
        if isinstance(error, KeyboardInterrupt | dg.DagsterExecutionInterruptedError):
            raise error
        return super().calculate_delay(attempt_num)


RETRIES = Retries(max_retries=4, delay=2, backoff=dg.Backoff.EXPONENTIAL)
"""Of every asset. What failed was rolled back, so it is done again as a whole: after a connection that was lost, a
deadlock, a lock that was not to be had. What would fail again says so itself: `Failure(allow_retries=False)`."""
