"""How often a step is tried: a database that restarts is back within half a minute."""

import dagster as dg

RETRIES = dg.RetryPolicy(max_retries=4, delay=2, backoff=dg.Backoff.EXPONENTIAL)
"""Of every asset. What failed was rolled back, so it is done again as a whole: after a connection that was lost, a
deadlock, a lock that was not to be had. What would fail again says so itself: `Failure(allow_retries=False)`."""
