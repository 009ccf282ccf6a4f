"""Alerts on their way: real processes, a real webhook, and whatever can go wrong between them."""

import base64
import hashlib
import hmac
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

import pytest

from model_registry_pipeline.connectors import channels as sending
from model_registry_pipeline.connectors.apprise_process import open_channel
from model_registry_pipeline.connectors.channels import channels, known_secrets, send, url_secrets
from model_registry_pipeline.connectors.parcels import Job, Outcome
from model_registry_pipeline.domain.health.alerts import Message
from model_registry_pipeline.settings import Settings
from model_registry_pipeline.sources import all_sources
from model_registry_pipeline_tests.connectors.webhook import Answer, Webhook
from model_registry_pipeline_tests.patience import LIMITS, PATIENCE_SECONDS

A_TOKEN = "planted-token-0123456789"


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine: only the tests that say so meet the end of the time."""
    monkeypatch.setattr(sending, "SEND_SECONDS", PATIENCE_SECONDS)
    monkeypatch.setattr(sending, "START_SECONDS", PATIENCE_SECONDS)


def messages(count: int = 1) -> list[Message]:
    return [
        Message(message_id=f"id-{number}", severity="error", title=f"title {number}", body="one\ntwo")
        for number in range(count)
    ]


def sent(urls: Sequence[str], count: int = 1, **options: Any) -> dict[str, list[Outcome]]:
    """What became of some messages on each channel, by its URL."""
    names = channels(Settings(alert_urls=tuple(urls)))
    found: dict[str, list[Outcome]] = {url: [] for url in urls}
    for outcome in send(names, dict.fromkeys(names, messages(count)), **options):
        found[names[outcome.channel]].append(outcome)
    return found


def test_messages_arrive_in_their_order_with_their_ids() -> None:
    """Title and body as they are, one POST each; the id in the header that Standard Webhooks names, and beside it."""
    began = int(time.time())
    with Webhook() as webhook:
        outcomes = sent([webhook.url], 3)

    assert [outcome.error for outcome in outcomes[webhook.url]] == [None] * 3
    assert [each.message_id for each in webhook.taken] == ["id-0", "id-1", "id-2"]
    first = webhook.taken[0].content
    assert (first["title"], first["message"], first["type"], first["id"]) == ("title 0", "one\ntwo", "failure", "id-0")
    assert began <= int(webhook.taken[0].headers["webhook-timestamp"]) <= time.time()
    assert "webhook-signature" not in webhook.taken[0].headers


@pytest.mark.parametrize("secret", ["plain secret", "whsec_" + base64.b64encode(b"plain secret").decode()])
def test_a_receiver_can_verify_who_sent(secret: str) -> None:
    """The signature of Standard Webhooks over id, timestamp and the bytes that came; a secret in either spelling."""
    with Webhook() as webhook:
        sent([webhook.url], signing_secret=secret)
    (received,) = webhook.taken
    signed = f"{received.headers['webhook-id']}.{received.headers['webhook-timestamp']}.".encode() + received.body
    expected = base64.b64encode(hmac.digest(b"plain secret", signed, hashlib.sha256)).decode()

    assert received.headers["webhook-signature"] == f"v1,{expected}"


def test_a_webhook_is_as_its_url_says() -> None:
    """Headers, fields and a user of Apprise's URL syntax are kept: `+name`, `:name`, `user:password@`."""
    with Webhook() as webhook:
        url = (
            webhook.url.replace("json://", f"json://me:{A_TOKEN}@")
            + "&+X-Team=data&:room=alerts&:message=text&:version="
        )
        sent([url])
    (received,) = webhook.taken

    assert received.headers["x-team"] == "data"
    assert received.headers["authorization"] == "Basic " + base64.b64encode(f"me:{A_TOKEN}".encode()).decode()
    assert {"room", "text"} <= received.content.keys()
    assert not {"message", "version"} & received.content.keys()


BAD: dict[Answer, str] = {
    500: "it answers with HTTP 500",
    404: "it answers with HTTP 404",
    "redirect": "it answers with HTTP 302",
    "reset": "no answer (ConnectionError)",
    "silent": "it does not answer in time",
}


def test_bad_channels_keep_no_other_waiting() -> None:
    """Each is told why, after one try; the messages behind are left for later; another channel has them all."""
    with ExitStack() as stack:
        bad = {
            answer: stack.enter_context(
                Webhook([answer], patience_seconds=1 if answer == "silent" else PATIENCE_SECONDS)
            )
            for answer in BAD
        }
        good = stack.enter_context(Webhook())
        outcomes = sent([*(webhook.url for webhook in bad.values()), good.url], 2)

    for answer, webhook in bad.items():
        assert [outcome.error for outcome in outcomes[webhook.url]] == [BAD[answer]]
        assert [each.message_id for each in webhook.received] == ["id-0"]
    assert [each.message_id for each in good.taken] == ["id-0", "id-1"]


def test_a_channel_whose_answer_never_ends_keeps_no_other_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The end of the time comes over it alone, once there is time enough for the other: on any machine there is."""
    for seconds in LIMITS[1:]:
        monkeypatch.setattr(sending, "SEND_SECONDS", seconds)
        with Webhook(["drip"]) as bad, Webhook() as good:
            outcomes = sent([bad.url, good.url], 2)
        if bad.received and [outcome.error for outcome in outcomes[good.url]] == [None, None]:
            break

    assert [outcome.error for outcome in outcomes[bad.url]] == [f"no answer within {seconds:g} s"]
    assert [each.message_id for each in bad.received] == ["id-0"]
    assert [each.message_id for each in good.taken] == ["id-0", "id-1"]


def test_a_process_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it hangs in, and before it has said anything: each channel's first message is tried again later."""
    monkeypatch.setattr(sending, "PROCESS", [sys.executable, "-c", "import time; time.sleep(900)"])
    monkeypatch.setattr(sending, "SEND_SECONDS", 0.5)
    monkeypatch.setattr(sending, "START_SECONDS", 0.0)
    began = time.monotonic()
    outcomes = sent(["json://one", "json://two"], 3)

    assert {outcome.error for each in outcomes.values() for outcome in each} == {"no answer within 0.5 s"}
    assert [[outcome.message_id for outcome in each] for each in outcomes.values()] == [["id-0"], ["id-0"]]
    assert time.monotonic() - began < PATIENCE_SECONDS


def test_a_redirect_is_no_delivery_for_any_kind_of_channel() -> None:
    """The POST would become a GET without the message, which is answered with 200."""
    with Webhook(["redirect"]) as webhook:
        url = webhook.url.replace("json://", "form://")
        outcomes = sent([url])

    assert "302" in str(outcomes[url][0].error)


@pytest.mark.parametrize(("options", "mode"), [("", "truncate"), ("?overflow=split", "split")])
@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
def test_a_message_is_cut_to_what_a_channel_takes(options: str, mode: str) -> None:
    """As it is, Discord would refuse it at every try; whoever wants it otherwise says so in the URL."""
    url = f"discord://{'1' * 18}/{'a' * 68}{options}"
    plugin = open_channel(url, Job(parcels=[], seconds=1))

    assert plugin.overflow_mode.value == mode


def test_what_is_no_channel_is_told_without_what_it_holds() -> None:
    """A URL that Apprise does not know, a host that does not listen; neither shows its token."""
    urls = [f"nonsense://{A_TOKEN}", f"json://me:{A_TOKEN}@127.0.0.1:9/{A_TOKEN}", f"slack://{A_TOKEN}/x"]
    outcomes = sent(urls)

    assert [outcomes[url][0].error for url in urls] == [
        "Apprise knows no channel of such a URL",
        "no answer (ConnectionError)",
        "Apprise knows no channel of such a URL",
    ]
    assert A_TOKEN not in repr(outcomes.values())


def test_a_channel_has_a_name_that_may_be_shown() -> None:
    """The same in every process, another for another URL, and nothing of the URL but its kind."""
    urls = (f"slack://{A_TOKEN}/a/b", f"slack://{A_TOKEN}/a/c", "json://127.0.0.1/")
    names = list(channels(Settings(alert_urls=urls)))
    code = (
        "from model_registry_pipeline.connectors.channels import channels\n"
        "from model_registry_pipeline.settings import Settings\n"
        f"print(*channels(Settings(alert_urls={urls})))"
    )
    elsewhere = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert [name.rpartition("-")[0] for name in names] == ["slack", "slack", "json"]
    assert len(set(names)) == 3
    assert elsewhere.stdout.split() == names
    assert A_TOKEN not in "".join(names)


def test_the_secrets_of_urls_are_known() -> None:
    """Users, passwords, tokens in the host, the path and the query; not the host, which people look for."""
    url = "jsons://someuser:pass%20word@hooks.example.com/services/T0000000/secret-token?+Authorization=Bearer%20abc"

    assert url_secrets(url) == {url, "someuser", "pass word", "services", "T0000000", "secret-token", "Bearer abc"}
    assert "TOKEN-OF-SLACK" in url_secrets("slack://TOKEN-OF-SLACK/short/#general")
    assert url_secrets("json://[::1") == {"json://[::1"}


def test_no_alert_may_hold_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of any source, whichever of its variables it is kept in; nor the database's password, nor the signing secret."""
    for source in all_sources():
        for variable in source.variables[:1] if source.auth else ():
            for name in (variable.name, *variable.others):
                monkeypatch.setenv(name, f"key-in-{name}")
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:pass%20word@host/db")
    found = known_secrets(Settings(alert_webhook_secret="whsec_abcdefgh"), all_sources())

    assert {"key-in-OPENAI_API_KEY", "key-in-GEMINI_API_KEY", "key-in-GOOGLE_API_KEY", "pass word"} <= found
    assert "whsec_abcdefgh" in found
