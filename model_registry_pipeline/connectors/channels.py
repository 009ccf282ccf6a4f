"""Where alerts go: channels, each an Apprise URL. URLs are secrets; a channel is shown by its kind and a fingerprint.

Sending happens in a process of its own, `apprise_process`: it can be ended when a channel hangs, and neither Apprise
nor what its hundred plugins log comes into ours.
"""

import hashlib
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from model_registry_pipeline.connectors.parcels import Job, Outcome, Parcel
from model_registry_pipeline.domain.health.alerts import Message
from model_registry_pipeline.domain.raw.redaction import MIN_SECRET_CHARACTERS
from model_registry_pipeline.domain.source import Source
from model_registry_pipeline.settings import Settings

PROCESS = [sys.executable, "-m", "model_registry_pipeline.connectors.apprise_process"]
SEND_SECONDS = 8.0
"""For all messages and channels together."""
START_SECONDS = 1.5
"""For the process to begin and to end, on top."""


def channels(settings: Settings) -> dict[str, str]:
    """The URLs of the channels by the names that may be shown: `slack-1f3a9c`."""
    return {_name(url.get_secret_value()): url.get_secret_value() for url in settings.alert_urls}


@cache
def _name(url: str) -> str:
    """The same for a URL in every process. A slow hash, cut short: nobody can try passwords against it."""
    fingerprint = hashlib.scrypt(url.encode(), salt=b"model-registry channel", n=2**14, r=8, p=1, dklen=3)
    return f"{url.partition('://')[0].lower()}-{fingerprint.hex()}"


def url_secrets(url: str) -> set[str]:
    """What of a URL must not be shown: its user, its password and every part that may be a token."""
    with suppress(ValueError):
        parts = urlsplit(url)
        pieces = [
            parts.username,
            parts.password,
            *parts.path.split("/"),
            *(value for _, value in parse_qsl(parts.query)),
        ]
        # Of `slack://TOKEN/TOKEN` the first token stands where a host does.
        pieces.append(None if "." in parts.netloc else parts.netloc.rpartition("@")[2].partition(":")[0])
        return {url} | {unquote(piece) for piece in pieces if piece and len(piece) >= MIN_SECRET_CHARACTERS}
    return {url}


def known_secrets(settings: Settings, sources: Iterable[Source]) -> set[str]:
    """What an alert may not hold: providers' keys, the database's password, what the channels' URLs hold."""
    held = {secret for url in settings.alert_urls for secret in url_secrets(url.get_secret_value())}
    if settings.alert_webhook_secret is not None:
        held.add(settings.alert_webhook_secret.get_secret_value())
    with suppress(ValueError):
        password = urlsplit(settings.database_url or "").password
        held |= {unquote(password), password} if password else set()
    names = {name for source in sources for variable in source.keys for name in variable.names}
    return held | {key for name in names if (key := settings.key(name))}


def send(
    urls: Mapping[str, str], messages: Mapping[str, Sequence[Message]], signing_secret: str | None = None
) -> Iterator[Outcome]:
    """Send each channel its messages, one after the other, the channels side by side; tell each outcome as it comes.

    A channel's first failure ends its turn. Whatever happens, it is over in SEND_SECONDS and a little.
    """
    todo = {name: list(of_channel) for name, of_channel in messages.items() if of_channel}
    job = Job(
        parcels=[
            Parcel(channel=name, url=urls[name], messages=todo[name], secrets=sorted(url_secrets(urls[name])))
            for name in todo
        ],
        seconds=SEND_SECONDS,
        signing_secret=signing_secret,
    )
    told: dict[str, int] = dict.fromkeys(todo, 0)
    stopped: set[str] = set()
    for outcome in _run(job) if todo else ():
        told[outcome.channel] += 1
        if outcome.error is not None:
            stopped.add(outcome.channel)
        yield outcome
    for name, of_channel in todo.items():
        if name not in stopped and told[name] < len(of_channel):
            # It may have arrived: the next try has the same id.
            yield Outcome(
                channel=name, message_id=of_channel[told[name]].message_id, error=f"no answer within {SEND_SECONDS:g} s"
            )


def _run(job: Job) -> Iterator[Outcome]:
    process = subprocess.Popen(  # noqa: S603 - our own program
        PROCESS,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    deadline = threading.Timer(job.seconds + START_SECONDS, process.kill)
    deadline.start()
    try:
        with process:
            with suppress(BrokenPipeError):
                # Not on the command line, where everybody on the machine could read the URLs.
                process.stdin.write(msgspec.json.encode(job))
                process.stdin.close()
            for line in process.stdout:
                yield msgspec.json.decode(line, type=Outcome)
    finally:
        deadline.cancel()
        process.kill()
