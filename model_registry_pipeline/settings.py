"""Every environment variable that the registry reads, typed, with its default and one sentence.

Providers' keys (`OPENAI_API_KEY` …) and base URLs (`<SOURCE>_BASE_URL`) are named by the source files; they are
looked up here too (`Settings.key`, `Settings.base_url`), so that nothing else reads the environment.
"""

import logging
import os
import re
from collections.abc import Mapping
from datetime import date, timedelta
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit, urlunsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from model_registry_pipeline.domain.source import Source, Variable

PREFIX = "MODEL_REGISTRY_"
OF_KUBERNETES = re.compile(r"(SERVICE_(HOST|PORT)|PORT)(_\w+)?")
"""What follows the prefix in the variables that Kubernetes sets for a service called `model-registry`."""

logger = logging.getLogger(__name__)

Seconds = Annotated[float, Field(le=24 * 3600)]
"""A wait. One of more than a day is a slip of the pen, and an endless one (`inf`) no timer takes."""
Hours = Annotated[float, Field(le=366 * 24)]
Days = Annotated[float, Field(le=36_600)]
Percent = Annotated[float, Field(ge=0, le=100)]


class SettingsError(Exception):
    """A setting can't be used. The text names the variable and what it takes."""


class Settings(BaseSettings):
    """The registry's settings. `MODEL_REGISTRY_` stands before every name but DATABASE_URL."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, env_ignore_empty=True)

    database_url: Annotated[
        str | None,
        Field(
            validation_alias="DATABASE_URL",
            description="PostgreSQL to use, `postgresql://user:password@host:5432/name`; unset: an embedded one.",
        ),
    ] = None
    home: Annotated[
        Path, Field(description="Folder of the embedded PostgreSQL and of other state of this machine.")
    ] = Path(".registry")
    sources: Annotated[
        tuple[str, ...], NoDecode, Field(description="Sources to sync, comma-separated; unset: all.")
    ] = ()
    start_date: Annotated[
        date, Field(description="First day of the daily partitions; older dumps are kept all the same.")
    ] = date(2023, 12, 1)
    drop_dir: Annotated[Path, Field(description="Folder that the file-drop sensor and `ingest` read.")] = Path(
        "latest_models"
    )
    concurrency: Annotated[int, Field(ge=1, le=64, description="Downloads side by side in one run.")] = 8
    connect_timeout_seconds: Annotated[Seconds, Field(gt=0, description="To reach a host.")] = 5.0
    read_timeout_seconds: Annotated[Seconds, Field(gt=0, description="Between two pieces of an answer.")] = 30.0
    deadline_seconds: Annotated[
        Seconds, Field(gt=0, description="For all of one source: its pages, its retries and the waits between.")
    ] = 120.0
    attempts: Annotated[int, Field(ge=1, le=10, description="Tries for one page.")] = 3
    retry_delay_seconds: Annotated[Seconds, Field(ge=0, description="Before the second try; then doubled.")] = 1.0
    retry_after_cap_seconds: Annotated[
        Seconds, Field(ge=0, description="A longer Retry-After than this ends the tries.")
    ] = 60.0
    max_bytes: Annotated[int, Field(ge=1, description="Largest list of a source, decompressed, all pages.")] = (
        512 * 1024 * 1024
    )
    max_pages: Annotated[int, Field(ge=1, description="Most pages of one list.")] = 1000
    full_fetch_days: Annotated[
        int, Field(ge=1, description="A full fetch at least this often, however often a source says 304.")
    ] = 7
    huggingface_limit: Annotated[int, Field(ge=1, description="How many Hugging Face models to list.")] = 1000
    stale_after_hours: Annotated[
        Hours, Field(gt=0, description="Between the first and a later list without an offering until it is stale.")
    ] = 23.0
    stale_after_hours_by_source: Annotated[
        dict[str, Annotated[Hours, Field(gt=0)]],
        NoDecode,
        Field(description="The same for single sources, `huggingface=72,ollama=1`."),
    ] = {}
    inference_stale_after_days: Annotated[
        Days,
        Field(gt=0, description="Since the last successful call, for what calls alone told of, until it is stale."),
    ] = 30.0
    purge_after_days: Annotated[
        Days, Field(gt=0, description="Inactive for longer than this, a pair may be purged.")
    ] = 30.0
    availability_cache_seconds: Annotated[
        Seconds, Field(ge=0, description="A provider's own list is not asked for again within this time.")
    ] = 60.0
    availability_deadline_seconds: Annotated[
        Seconds, Field(gt=0, description="For one provider's own list, when asked what is available.")
    ] = 20.0
    freshness_warn_hours: Annotated[
        Hours, Field(gt=0, description="Health: since a source's last successful sync; more warns.")
    ] = 25.0
    freshness_error_hours: Annotated[Hours, Field(gt=0, description="Health: more than this is critical.")] = 49.0
    min_active_offerings: Annotated[int, Field(ge=0, description="Health: fewer active offerings are critical.")] = 100
    failures_warn_percent: Annotated[
        Percent, Field(description="Health: of a source's last ten syncs; more failed ones warn.")
    ] = 20.0
    failures_error_percent: Annotated[
        Percent, Field(description="Health: more failed ones than this are critical.")
    ] = 50.0
    rejections_warn_percent: Annotated[
        Percent, Field(description="Health: of a dump's records; more that can't be read warn.")
    ] = 5.0
    inactive_warn_percent: Annotated[
        Percent, Field(description="Health: of a source's active offerings; more that go inactive at once warn.")
    ] = 10.0
    frozen_factor: Annotated[
        float,
        Field(
            ge=1, le=1000, description="Health: a source unchanged for this many times its habit is frozen upstream."
        ),
    ] = 3.0
    suspicious_price_factor: Annotated[
        float, Field(gt=1, le=1e12, description="A price that moves this many times either way is in doubt.")
    ] = 100.0
    suspicious_price_percent: Annotated[
        Percent, Field(description="Of a source's prices; when more move in one dump, all that moved are in doubt.")
    ] = 20.0
    alert_urls: Annotated[
        tuple[SecretStr, ...],
        NoDecode,
        Field(description="Where alerts go: Apprise URLs, comma- or space-separated; unset: nobody is told."),
    ] = ()
    alert_webhook_secret: Annotated[
        SecretStr | None,
        Field(description="Signs what goes to plain webhooks (`json://`, `jsons://`), as Standard Webhooks has it."),
    ] = None
    alert_digest_hour: Annotated[
        int, Field(ge=0, le=23, description="Hour, UTC, of the daily digest of new, changed and retired models.")
    ] = 6

    @field_validator("sources", mode="before")
    @classmethod
    def _comma_separated(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))

    @field_validator("alert_urls", mode="before")
    @classmethod
    def _urls(cls, value: object) -> object:
        """A URL may hold commas itself; the next one begins where a scheme does."""
        if not isinstance(value, str):
            return value
        urls = [url.strip(" ,;\t\r\n") for url in re.split(r"[\s,;]+(?=[A-Za-z][\w+.-]*://)", value.strip())]
        if not all(re.fullmatch(r"[A-Za-z][\w+.-]*://\S+", url) for url in urls):
            raise ValueError("write Apprise URLs, comma- or space-separated, such as json://host/path")
        return tuple(dict.fromkeys(urls))

    @field_validator("stale_after_hours_by_source", mode="before")
    @classmethod
    def _by_name(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        parts = [part.strip() for part in value.split(",") if part.strip()]
        if not all(part.count("=") == 1 for part in parts):
            raise ValueError("write source=hours, comma-separated: huggingface=72,ollama=1")
        return {name.strip(): hours.strip() for name, hours in (part.split("=") for part in parts)}

    def stale_after(self, source: str) -> timedelta:
        """How long a source's lists may lack an offering until it is stale."""
        return timedelta(hours=self.stale_after_hours_by_source.get(source, self.stale_after_hours))

    def key(self, variable: str) -> str | None:
        """A provider's key, or None when it is unset or blank."""
        return _environment().get(variable, "").strip() or None

    def stated(self, variable: Variable) -> str | None:
        """What a variable holds, or one of the others that people keep it in, or its default."""
        return next((said for name in variable.names if (said := self.key(name))), variable.default)

    def base_url(self, source: Source) -> str | None:
        """Where a source is: `<NAME>_BASE_URL`, its own address variables, or its default; None: nobody set the
        address of a local source, or of one that is no more than an installed package."""
        for variable in (f"{source.name.upper()}_BASE_URL", *source.address_variables):
            if stated := _environment().get(variable, "").strip():
                return _http_url(variable, stated, urlsplit(source.base_url).port)
        return None if source.local else source.base_url or None


def _environment() -> Mapping[str, str]:
    return os.environ


def _http_url(variable: str, stated: str, usual_port: int | None) -> str:
    """`gpu.example`, as OLLAMA_HOST may be written, lacks its scheme and the port that the source usually has."""
    has_scheme = "://" in stated
    try:
        parts = urlsplit(stated if has_scheme else f"http://{stated}")
        if not has_scheme and parts.port is None and usual_port is not None:
            parts = parts._replace(netloc=f"{parts.netloc}:{usual_port}")
        is_url = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        is_url = False
    if not is_url:
        raise SettingsError(f"{variable} must be an http(s) URL, such as http://127.0.0.1:9000/api")
    return urlunsplit(parts).rstrip("/")


def _variable(name: str) -> str:
    """The variable of a setting."""
    return "DATABASE_URL" if name.upper() == "DATABASE_URL" else f"{PREFIX}{name.upper()}"


def _tell_unknown() -> None:
    """Warn of variables that nobody reads: a slip of the pen would go unnoticed. No error: others may set them."""
    settings = {name.upper(): _variable(name) for name in Settings.model_fields}
    stated = sorted(name for name, value in _environment().items() if value and name.upper().startswith(PREFIX))
    for variable in stated:
        name = variable.upper().removeprefix(PREFIX)
        if variable.upper() in settings.values() or OF_KUBERNETES.fullmatch(name):
            continue
        nearest = get_close_matches(name, settings, n=1)
        hint = f"; did you mean {settings[nearest[0]]}?" if nearest else ""
        logger.warning("%s is no setting, so nobody reads it%s", variable, hint)


@cache
def load_settings() -> Settings:
    """The settings of this process. Raises SettingsError with one line that names the variable."""
    _tell_unknown()
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        told = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{_variable(str(first['loc'][0]))}: {told}") from None
