"""The environment as settings: what is unset, what is set, and what can't be used."""

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest

from model_registry_pipeline.domain.source import Source
from model_registry_pipeline.settings import Settings, SettingsError, load_settings
from model_registry_pipeline.sources import all_sources

VARIABLES = {
    name: "DATABASE_URL" if name == "database_url" else f"MODEL_REGISTRY_{name.upper()}"
    for name in Settings.model_fields
}
LOCAL = next(source for source in all_sources() if "OLLAMA_HOST" in source.address_variables)
REMOTE = next(source for source in all_sources() if not source.local)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Nothing of the real environment."""
    for variable in list(os.environ):
        if variable in VARIABLES.values() or variable.endswith("_BASE_URL") or variable == "OLLAMA_HOST":
            monkeypatch.delenv(variable)
    load_settings.cache_clear()
    yield monkeypatch
    load_settings.cache_clear()


def test_everything_has_a_default(environment: pytest.MonkeyPatch) -> None:
    """With nothing set the registry runs: an embedded database under .registry/, all sources, the daily limits."""
    settings = load_settings()

    assert settings.database_url is None
    assert settings.sources == ()
    assert (settings.home, settings.drop_dir) == (Path(".registry"), Path("latest_models"))
    assert (settings.concurrency, settings.attempts, settings.full_fetch_days) == (8, 3, 7)
    assert settings.start_date <= date(2024, 1, 1)


def test_every_setting_says_what_it_is() -> None:
    """A sentence each: README and `--help` are made of them."""
    said = {name: field.description or "" for name, field in Settings.model_fields.items()}

    assert [name for name, text in said.items() if not text.endswith(".")] == []


@pytest.mark.parametrize("variable", VARIABLES.values())
def test_an_empty_variable_is_unset(environment: pytest.MonkeyPatch, variable: str) -> None:
    """As `docker run -e NAME` and CI systems leave it."""
    untouched = Settings()
    environment.setenv(variable, "")

    assert load_settings() == untouched


SET = {
    "DATABASE_URL": ("postgresql://u:p@h/db", "database_url", "postgresql://u:p@h/db"),
    "MODEL_REGISTRY_SOURCES": (" groq, openrouter ,", "sources", ("groq", "openrouter")),
    "MODEL_REGISTRY_START_DATE": ("2025-02-28", "start_date", date(2025, 2, 28)),
    "MODEL_REGISTRY_DROP_DIR": ("/data/in", "drop_dir", Path("/data/in")),
    "MODEL_REGISTRY_CONCURRENCY": ("1", "concurrency", 1),
    "MODEL_REGISTRY_STALE_AFTER_HOURS_BY_SOURCE": (
        " huggingface = 72, ollama=1.5 ,",
        "stale_after_hours_by_source",
        {"huggingface": 72.0, "ollama": 1.5},
    ),
    "MODEL_REGISTRY_RETRY_DELAY_SECONDS": ("0", "retry_delay_seconds", 0.0),
}


@pytest.mark.parametrize("variable", SET)
def test_a_variable_is_read(environment: pytest.MonkeyPatch, variable: str) -> None:
    """As its type says."""
    stated, name, value = SET[variable]
    environment.setenv(variable, stated)

    assert getattr(load_settings(), name) == value


BAD = [
    ("MODEL_REGISTRY_STALE_AFTER_HOURS_BY_SOURCE", "72"),
    ("MODEL_REGISTRY_STALE_AFTER_HOURS_BY_SOURCE", "ollama=soon"),
    ("MODEL_REGISTRY_STALE_AFTER_HOURS_BY_SOURCE", "ollama=0"),
    ("MODEL_REGISTRY_PURGE_AFTER_DAYS", "-1"),
    ("MODEL_REGISTRY_CONCURRENCY", "many"),
    ("MODEL_REGISTRY_CONCURRENCY", "0"),
    ("MODEL_REGISTRY_CONCURRENCY", "65"),
    ("MODEL_REGISTRY_CONCURRENCY", "1.5"),
    ("MODEL_REGISTRY_ATTEMPTS", "11"),
    ("MODEL_REGISTRY_START_DATE", "2025-02-30"),
    ("MODEL_REGISTRY_START_DATE", "yesterday\nor so"),
    ("MODEL_REGISTRY_DEADLINE_SECONDS", "0"),
    ("MODEL_REGISTRY_DEADLINE_SECONDS", "-5"),
    ("MODEL_REGISTRY_DEADLINE_SECONDS", "nan"),
    ("MODEL_REGISTRY_DEADLINE_SECONDS", "inf"),
    ("MODEL_REGISTRY_RETRY_AFTER_CAP_SECONDS", "inf"),
    ("MODEL_REGISTRY_STALE_AFTER_HOURS", "1e300"),
    ("MODEL_REGISTRY_MAX_BYTES", "512MB"),
    ("MODEL_REGISTRY_HUGGINGFACE_LIMIT", "0"),
    ("MODEL_REGISTRY_ALERT_URLS", "planted-token-0123456789"),
    ("MODEL_REGISTRY_ALERT_URLS", "json://host/x, ://planted-token-0123456789"),
    ("MODEL_REGISTRY_ALERT_DIGEST_HOUR", "24"),
]


@pytest.mark.parametrize(("variable", "stated"), BAD)
def test_a_value_that_cannot_be_used_is_told_in_one_line(
    environment: pytest.MonkeyPatch, variable: str, stated: str
) -> None:
    """The line names the variable, so that nobody has to guess; it is short, and no traceback hangs on it."""
    environment.setenv(variable, stated)

    with pytest.raises(SettingsError) as refusal:
        load_settings()

    assert str(refusal.value).startswith(f"{variable}: ")
    assert "\n" not in str(refusal.value)
    assert "Value error" not in str(refusal.value)
    assert "planted" not in str(refusal.value)
    assert len(str(refusal.value)) < 200
    assert refusal.value.__suppress_context__


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("MODEL_REGISTRY_SOURCS", "; did you mean MODEL_REGISTRY_SOURCES?"),
        ("model_registry_attempt", "; did you mean MODEL_REGISTRY_ATTEMPTS?"),
        ("MODEL_REGISTRY_DATABASE_URL", "; did you mean DATABASE_URL?"),
        ("MODEL_REGISTRY_QQQ", ""),
    ],
    ids=["a letter less", "small letters", "a prefix too many", "like nothing"],
)
def test_a_variable_that_nobody_reads_is_told_once(
    environment: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, variable: str, meant: str
) -> None:
    """With the one that was meant, and without what it holds; the registry starts all the same."""
    environment.setenv(variable, "planted")
    load_settings()
    load_settings()

    assert caplog.messages == [f"{variable} is no setting, so nobody reads it{meant}"]


@pytest.mark.parametrize(
    "variable",
    [*VARIABLES.values(), "MODEL_REGISTRY_SERVICE_HOST", "MODEL_REGISTRY_PORT_5432_TCP_ADDR", "MODEL_REGISTRYS"],
)
def test_what_is_read_or_not_ours_is_not_told(
    environment: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, variable: str
) -> None:
    """Every setting, what Kubernetes sets for a service of this name, what only begins alike, what holds nothing."""
    environment.setenv(variable, "1")
    environment.setenv("MODEL_REGISTRY_SOURCS", "")
    with suppress(SettingsError):
        load_settings()

    assert caplog.messages == []


@pytest.mark.parametrize(
    ("stated", "urls"),
    [
        ("json://a/b", ["json://a/b"]),
        (" json://a/b ,slack://T/U/V\n mailto://me:pw@host?to=a@b.c,d@e.f, ", None),
        ("json://a/b;json://a/b", ["json://a/b"]),
        ("slack://T/U/V/#one,#two", ["slack://T/U/V/#one,#two"]),
    ],
    ids=["one", "several", "one twice", "commas of its own"],
)
def test_alert_urls_are_told_apart_and_not_shown(
    environment: pytest.MonkeyPatch, stated: str, urls: list[str] | None
) -> None:
    """By commas, semicolons and white space, where a scheme follows: a URL may hold commas itself."""
    environment.setenv("MODEL_REGISTRY_ALERT_URLS", stated)
    found = load_settings().alert_urls

    expected = urls or ["json://a/b", "slack://T/U/V", "mailto://me:pw@host?to=a@b.c,d@e.f"]
    assert [url.get_secret_value() for url in found] == expected
    assert "://" not in repr(load_settings())


# -- keys and addresses ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("stated", "key"), [("k-123", "k-123"), (" k-123\n", "k-123"), ("", None), ("  ", None)])
def test_a_key_is_what_is_written_without_the_blanks_around_it(
    environment: pytest.MonkeyPatch, stated: str, key: str | None
) -> None:
    """A file that ends in a line break is how many a key gets into the environment."""
    environment.setenv("SOME_API_KEY", stated)

    assert load_settings().key("SOME_API_KEY") == key


def test_a_key_that_is_not_set_is_none(environment: pytest.MonkeyPatch) -> None:
    """So that its source is skipped."""
    environment.delenv("SOME_API_KEY", raising=False)

    assert load_settings().key("SOME_API_KEY") is None


@pytest.mark.parametrize("source", all_sources(), ids=lambda source: source.name)
def test_a_source_is_where_its_variable_says(environment: pytest.MonkeyPatch, source: Source) -> None:
    """Without one it is where its file says; a local source, or one that is a package alone, is nowhere."""
    assert load_settings().base_url(source) == (None if source.local else source.base_url or None)

    environment.setenv(f"{source.name.upper()}_BASE_URL", "http://127.0.0.1:9000/proxy/v1/")
    assert load_settings().base_url(source) == "http://127.0.0.1:9000/proxy/v1"


@pytest.mark.parametrize(
    ("stated", "url"),
    [
        ("127.0.0.1:11434", "http://127.0.0.1:11434"),
        ("gpu.example", "http://gpu.example:11434"),
        ("gpu.example/ollama", "http://gpu.example:11434/ollama"),
        ("[::1]", "http://[::1]:11434"),
        ("[::1]:8080", "http://[::1]:8080"),
        ("http://gpu.example", "http://gpu.example"),
        ("https://gpu.example/ollama/", "https://gpu.example/ollama"),
        (" http://gpu.example:8080 ", "http://gpu.example:8080"),
    ],
)
def test_ollama_host_is_read_as_ollama_reads_it(environment: pytest.MonkeyPatch, stated: str, url: str) -> None:
    """Without a scheme it is HTTP, and the port is Ollama's own unless it is stated."""
    environment.setenv("OLLAMA_HOST", stated)

    assert load_settings().base_url(LOCAL) == url


def test_a_sources_own_variable_goes_before_others(environment: pytest.MonkeyPatch) -> None:
    """OLLAMA_HOST may be meant for the server on this machine."""
    environment.setenv("OLLAMA_HOST", "127.0.0.1")
    environment.setenv("OLLAMA_BASE_URL", "http://gpu.example")

    assert load_settings().base_url(LOCAL) == "http://gpu.example"


@pytest.mark.parametrize("stated", ["ftp://host/x", "file:///etc/passwd", "http://", "://x", "http://[::1", ":8080"])
def test_an_address_that_is_none_is_told_by_its_variable(environment: pytest.MonkeyPatch, stated: str) -> None:
    """Without what was written, which may hold a password."""
    variable = f"{REMOTE.name.upper()}_BASE_URL"
    environment.setenv(variable, stated)

    with pytest.raises(SettingsError, match=rf"^{variable} must be an http\(s\) URL, such as http\S+$"):
        load_settings().base_url(REMOTE)
