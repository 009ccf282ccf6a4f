"""The process that sends alerts: reads a job on standard input, writes an outcome a line, and ends in time.

Started by `channels`. Nothing else knows Apprise.
"""

import base64
import hashlib
import hmac
import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import apprise
import msgspec
import requests
from apprise.plugins.custom_json import NotifyJSON

from model_registry_pipeline.connectors.parcels import Job, Outcome, Parcel
from model_registry_pipeline.domain.health.alerts import Message
from model_registry_pipeline.domain.health.plain_text import cut
from model_registry_pipeline.domain.raw.redaction import mask

MAX_ERROR = 200
NO_URL = "Apprise knows no channel of such a URL"
TYPES = {
    "error": apprise.NotifyType.FAILURE,
    "warning": apprise.NotifyType.WARNING,
    "recovered": apprise.NotifyType.SUCCESS,
    "news": apprise.NotifyType.INFO,
}
_writing = threading.Lock()


class Webhook(NotifyJSON):  # type: ignore[no-untyped-call]  # Apprise is typed in part
    """A plain webhook, `json://` or `jsons://`: as Apprise sends it, with the headers of Standard Webhooks.

    `webhook-id` is the same at each try, so that a receiver drops doubles; `webhook-signature` is there when a secret
    is set. Redirects are no delivery, and what the answer says beyond its status is not read.
    """

    message_id = ""
    signing_secret: str | None = None

    def send(
        self, body: str, title: str = "", notify_type: Any = apprise.NotifyType.INFO, attach: Any = None, **kwargs: Any
    ) -> bool:
        content = {
            "version": self.json_version,
            "title": title,
            "message": body,
            "attachments": [],
            "type": notify_type.value,
            "id": self.message_id,
        }
        for name, stated in self.payload_extras.items():
            # As Apprise has it: `:field=other` renames a field, `:field=` leaves it out, anything else is added.
            known = name in content
            value = content.pop(name, stated)
            if stated or not known:
                content[stated if known else name] = value
        payload = json.dumps(content).encode()
        try:
            with requests.request(
                str(self.method),
                f"{'https' if self.secure else 'http'}://{self.host}"
                f"{f':{self.port}' if self.port else ''}{self.fullpath}",
                data=payload,
                params=self.params,
                headers={
                    "User-Agent": self.app_id,
                    "Content-Type": "application/json",
                    **self.headers,
                    **signed(payload, self.message_id, int(time.time()), self.signing_secret),
                },
                auth=(self.user, self.password or "") if self.user else None,
                verify=self.verify_certificate,
                timeout=self.request_timeout,
                allow_redirects=False,
                stream=True,
            ) as answer:
                if answer.ok and not answer.is_redirect and answer.status_code < 300:  # noqa: PLR2004 - 2xx alone
                    return True
                self.logger.warning(f"it answers with HTTP {answer.status_code}")
        except requests.Timeout:
            self.logger.warning("it does not answer in time")
        except requests.RequestException as error:
            self.logger.warning(f"no answer ({type(error).__name__})")
        return False


def signed(payload: bytes, message_id: str, timestamp: int, secret: str | None) -> dict[str, str]:
    """The headers of Standard Webhooks. A secret may be written as they have it, `whsec_` and base64."""
    headers = {"webhook-id": message_id, "webhook-timestamp": str(timestamp)}
    if secret is None:
        return headers
    key = secret.encode()
    if secret.startswith("whsec_"):
        with suppress(ValueError):
            key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    digest = hmac.digest(key, f"{message_id}.{timestamp}.".encode() + payload, hashlib.sha256)
    return headers | {"webhook-signature": f"v1,{base64.b64encode(digest).decode()}"}


def open_channel(url: str, job: Job) -> Any:
    """Apprise's plugin for a URL; None: it knows none."""
    asset = apprise.AppriseAsset(
        app_id="model-registry",
        app_desc="Model registry",
        app_url="",
        # A redirected POST becomes a GET without the message, which is then answered with 200.
        http_redirects=False,
        storage_mode=apprise.PersistentStoreMode.MEMORY,
        service_timeout=job.seconds,
    )
    plugin = apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if type(plugin) is NotifyJSON:
        plugin = Webhook(asset=asset, **NotifyJSON.parse_url(url))  # type: ignore[no-untyped-call]
        plugin.signing_secret = job.signing_secret
    if plugin is not None and "overflow=" not in url:
        # Of a message that is too long for a channel its beginning is told; as it is, Discord refuses it for ever.
        plugin.overflow_mode = apprise.OverflowMode.TRUNCATE
    return plugin


def send_parcel(parcel: Parcel, job: Job, tell: Callable[[Outcome], None]) -> None:
    """Send a channel its messages, up to the first that it does not take."""
    plugin = open_channel(parcel.url, job)
    for message in parcel.messages:
        error = NO_URL if plugin is None else _notify(plugin, message)
        told = None if error is None else cut(" ".join(mask(error, parcel.secrets).split()), MAX_ERROR)
        tell(Outcome(channel=parcel.channel, message_id=message.message_id, error=told))
        if told is not None:
            return


def _notify(plugin: Any, message: Message) -> str | None:
    """What was wrong; None: the channel took it."""
    plugin.message_id = message.message_id
    sender = apprise.Apprise(asset=plugin.asset)
    sender.add(plugin)
    logged: list[str] = []
    taken = sender.notify(
        title=message.title,
        body=message.body,
        notify_type=TYPES[message.severity],
        body_format=apprise.NotifyFormat.TEXT,
        log_callback=lambda entry, _: logged.append(entry.message),
        log_level=logging.WARNING,
    )
    return None if taken else "; ".join(logged) or "not taken"


def _tell(outcome: Outcome) -> None:
    with _writing:
        try:
            sys.stdout.buffer.write(msgspec.json.encode(outcome) + b"\n")
            sys.stdout.buffer.flush()
        except OSError:
            # Whoever asked is gone: what is not yet sent is for the next to send.
            os._exit(1)


def main() -> None:
    """Nothing that hangs keeps the process: it ends when all is told, or when the time is over."""
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    deadline = threading.Timer(job.seconds, os._exit, args=(0,))
    deadline.daemon = True
    deadline.start()
    senders = [threading.Thread(target=send_parcel, args=(parcel, job, _tell), daemon=True) for parcel in job.parcels]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    os._exit(0)


if __name__ == "__main__":
    main()
