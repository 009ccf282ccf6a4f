"""Alerts while states change: four writers, a channel that fails one time in twenty, two senders, and these killed.

Real processes, a real PostgreSQL (for Dagster's events too), a real webhook. Every change of state is told; none twice,
unless the process that sent it was killed before it could mark that, and then under the same id.
"""

import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random

import dagster as dg
from dagster._core.events import AssetCheckEvaluation
from sqlalchemy import text

from model_registry_pipeline.defs.alerts import deliver, take_in
from model_registry_pipeline.defs.instance import open_instance
from model_registry_pipeline.defs.resources import Clock
from model_registry_pipeline.settings import load_settings
from model_registry_pipeline.warehouse import alerts as outbox
from model_registry_pipeline.warehouse.embedded import embedded_address, release_embedded
from model_registry_pipeline.warehouse.engine import Warehouse
from model_registry_pipeline.warehouse.opening import open_warehouse
from model_registry_pipeline_tests.conftest import Server
from model_registry_pipeline_tests.connectors.webhook import Answer, Webhook
from model_registry_pipeline_tests.defs.examples import environment

CHANGES = 200
KILLS_PER_CHANGE = 0.05
FAILING_PERCENT = 5
WRITERS = 4
CHECKS_A_WRITER = 5
SECONDS_A_KILL = 8.0
PATIENCE_SECONDS = 180
SEND = [sys.executable, "-W", "ignore", "-m", "model_registry_pipeline_tests.torture.alerts"]

Change = tuple[str, str]
"""(subject, severity)."""


@dataclass
class Told:
    """What came of it."""

    changes: int = 0
    messages: int = 0
    failed: int = 0
    """Deliveries that the channel did not take."""
    kills: int = 0
    lost: int = 0
    doubled: int = 0
    """Changes that were told under two ids, or twice although nobody was killed."""
    repeated: int = 0
    """Messages that came twice under one id, after kills."""
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.changes} changes of state in {self.messages} messages, {self.failed} failed deliveries, "
            f"{self.kills} kills of senders: {self.lost} lost, {self.doubled} doubled, "
            f"{self.repeated} repeated under the same id after a kill"
        )

    def count(self, warehouse: Warehouse, expected: Counter[Change], webhook: Webhook, kills: int = 0) -> None:
        """Hold what the channel took against what was to be told."""
        taken = Counter(each.message_id for each in webhook.taken)
        with warehouse.transaction() as connection:
            rows = connection.execute(text("select subject, severity, message_id from health.alerts")).all()
        told: Counter[Change] = Counter((row.subject, row.severity) for row in rows if row.message_id in taken)
        unknown = taken.keys() - {row.message_id for row in rows}
        again = taken.total() - len(taken)
        self.changes += expected.total()
        self.messages += len(taken)
        self.failed += len(webhook.received) - len(webhook.taken)
        self.kills += kills
        self.lost += (expected - told).total()
        self.doubled += (told - expected).total() + len(unknown) + (0 if kills else again)
        self.repeated += again if kills else 0
        self.faults += [f"lost: {severity} of {subject}" for subject, severity in expected - told]
        self.faults += [f"doubled: {severity} of {subject}" for subject, severity in told - expected]
        self.faults += [f"nobody's message: {message_id}" for message_id in unknown]
        self.faults += [f"sent {again} times again though nobody was killed"] if again and not kills else []


def torture(count: int = CHANGES, seed: int = 1, done: Callable[[int], None] = lambda _: None) -> Told:
    """So many changes with senders that live, and as many with senders that are killed."""
    told = Told()
    with tempfile.TemporaryDirectory(prefix="torture_") as scratch:
        cluster = Path(scratch) / "cluster"
        server = Server(embedded_address(cluster))
        for kills in (0, round(count * KILLS_PER_CHANGE)):
            with server.fresh_database() as url:
                _torture(url, Path(scratch) / f"with_{kills}_kills", count, kills, seed, told)
            done(told.changes)
        release_embedded(cluster)
    return told


def _torture(url: str, home: Path, changes: int, kills: int, seed: int, told: Told) -> None:
    home.mkdir()
    with (
        Webhook(answers(seed)) as webhook,
        environment(url, home, "http://127.0.0.1:9") as patch,
    ):
        patch.setenv("MODEL_REGISTRY_ALERT_URLS", webhook.url)
        load_settings.cache_clear()
        with open_warehouse(load_settings()) as warehouse, open_instance() as instance, _senders() as senders:
            seconds = max(30.0, SECONDS_A_KILL * kills)
            with ThreadPoolExecutor(1) as pool:
                writing = pool.submit(write_changes, instance, changes, seed, 2 * seconds * WRITERS / changes)
                _kill(senders, kills, seed, writing)
                expected = writing.result()
            end = time.monotonic() + PATIENCE_SECONDS
            while not is_settled(warehouse, expected) and time.monotonic() < end:
                time.sleep(0.5)
            told.count(warehouse, expected, webhook, kills)


def _kill(senders: list[subprocess.Popen[bytes]], kills: int, seed: int, writing: Future[Counter[Change]]) -> None:
    """One sender after the other, at random moments while states change; each has a successor."""
    random = Random(seed)  # noqa: S311 - to be repeatable is the point
    for number in range(kills):
        time.sleep(SECONDS_A_KILL * (0.5 + random.random()) if not writing.done() else 1)
        unlucky = number % len(senders)
        senders[unlucky].kill()
        senders[unlucky].wait()
        senders[unlucky] = subprocess.Popen(SEND)


@contextmanager
def _senders() -> Iterator[list[subprocess.Popen[bytes]]]:
    running = [subprocess.Popen(SEND) for _ in range(2)]
    try:
        yield running
    finally:
        for sender in running:
            sender.kill()
            sender.wait()


def send_for_ever() -> None:
    """What the sensor does, over and over; what failed is tried again soon."""
    outbox.FIRST_DELAY = timedelta(seconds=1)
    with open_warehouse(load_settings()) as warehouse, open_instance() as instance:
        while True:
            take_in(instance, warehouse, load_settings(), Clock().now())
            deliver(warehouse, load_settings(), Clock())
            time.sleep(0.2)


def answers(seed: int, percent: int = FAILING_PERCENT) -> list[Answer]:
    """What the channel says to each message: mostly that it took it."""
    random = Random(seed)  # noqa: S311 - as above
    bad: tuple[Answer, ...] = (500, "reset", "redirect")
    return [random.choice(bad) if random.random() * 100 < percent else 200 for _ in range(10_000)]


def write_changes(instance: dg.DagsterInstance, count: int, seed: int, longest_pause: float) -> Counter[Change]:
    """Let several writers change the states of checks, so often in all; gives what is to be told. Results that change
    nothing come between them."""

    def write(writer: int) -> Counter[Change]:
        random = Random(f"{seed} {writer}")  # noqa: S311 - as above
        failing = dict.fromkeys((f"check_{writer}_{number}" for number in range(CHECKS_A_WRITER)), False)
        expected: Counter[Change] = Counter()
        while expected.total() < count // WRITERS:
            check = random.choice(sorted(failing))
            if random.random() < 0.7:
                failing[check] = not failing[check]
                expected[f"check {check} of raw/shop", "warning" if failing[check] else "recovered"] += 1
            evaluate(instance, check, passed=not failing[check])
            time.sleep(random.random() * longest_pause)
        return expected

    with ThreadPoolExecutor(WRITERS) as pool:
        return sum(pool.map(write, range(WRITERS)), Counter[Change]())


def evaluate(instance: dg.DagsterInstance, check: str, *, passed: bool) -> None:
    """Store a check's result, as a run does."""
    evaluation = AssetCheckEvaluation(
        asset_key=dg.AssetKey(["raw", "shop"]),
        check_name=check,
        passed=passed,
        metadata={},
        severity=dg.AssetCheckSeverity.WARN,
    )
    kind = dg.DagsterEventType.ASSET_CHECK_EVALUATION.value
    event = dg.DagsterEvent(event_type_value=kind, job_name="", event_specific_data=evaluation)
    instance.report_dagster_event(event, str(uuid.uuid4()))


def is_settled(warehouse: Warehouse, expected: Counter[Change]) -> bool:
    """Whether all that is to be told is in the outbox, and delivered."""
    with warehouse.transaction() as connection:
        query = text("select count(*), count(*) filter (where delivered_at is null) from health.alerts")
        written, undelivered = connection.execute(query).one()
    return bool(written >= expected.total() and undelivered == 0)


if __name__ == "__main__":
    send_for_ever()
