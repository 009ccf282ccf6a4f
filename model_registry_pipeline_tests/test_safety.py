"""What the project never does, wherever one looks: unpickle, evaluate, hand words to a shell, listen to everybody."""

import ast
import os
import pickle
import re
import stat
import tomllib
from pathlib import Path

import psutil
import pytest

from model_registry_pipeline.domain.normalized.translate import read_listing
from model_registry_pipeline.domain.source import Source, UnreadableError
from model_registry_pipeline.settings import Settings
from model_registry_pipeline.sources import all_sources
from model_registry_pipeline.warehouse.embedded import embedded_address, release_embedded
from model_registry_pipeline_tests.defs.examples import Registry, a_list, a_registry

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "model_registry_pipeline"

NEVER_IMPORTED = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}
NEVER_CALLED = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "yaml.load", "yaml.unsafe_load"}
HARMLESS_LOADERS = {"yaml.SafeLoader", "yaml.CSafeLoader", "yaml.BaseLoader", "yaml.CBaseLoader"}
NEVER_CALLED |= {"yaml.full_load", "msgspec.yaml.unsafe_load", "pandas.read_pickle", "subprocess.getoutput"}


def forbidden(code: str) -> list[str]:
    """What a module does of what is never done."""
    found = []
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.Import(names=names):
                found += [name.name for name in names if name.name.split(".")[0] in NEVER_IMPORTED]
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] in NEVER_IMPORTED:
                found.append(module)
            case ast.Call(func=func, keywords=keywords):
                loaders = {ast.unparse(each.value) for each in keywords if each.arg == "Loader"}
                is_harmless = bool(loaders) and loaders <= HARMLESS_LOADERS
                found += [name for name in (ast.unparse(func),) if name in NEVER_CALLED and not is_harmless]
                found += ["shell" for each in keywords if each.arg == "shell" and ast.unparse(each.value) != "False"]
                found += ["verify" for each in keywords if each.arg == "verify" and ast.unparse(each.value) == "False"]
    return found


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_module_runs_what_others_wrote(path: Path) -> None:
    """No pickle, no evaluated text, no shell, no YAML tag, no certificate unlooked at."""
    assert forbidden(path.read_text()) == []


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from dill import loads",
        "eval('1')",
        "yaml.load(text)",
        "yaml.load(text, Loader=yaml.Loader)",
        "run(x, shell=True)",
        "get(verify=False)",
    ],
)
def test_the_search_finds_what_is_there(code: str) -> None:
    """A module that did it would be found."""
    assert forbidden(code)


class Canary:
    """Pickled, it makes a folder when it is read."""

    def __init__(self, nest: Path) -> None:
        self.nest = nest

    def __reduce__(self) -> object:
        return os.mkdir, (str(self.nest),)


@pytest.mark.parametrize("source", all_sources(), ids=lambda source: source.name)
@pytest.mark.parametrize("form", ["pickle", "YAML tag"])
def test_a_document_that_is_a_program_is_not_run(tmp_path: Path, source: Source, form: str) -> None:
    """It is no list of any source, or one without a record."""
    nest = tmp_path / "nest"
    document = {
        "pickle": pickle.dumps(Canary(nest)),
        "YAML tag": f"!!python/object/apply:os.mkdir ['{nest}']".encode(),
    }[form]

    try:
        found = read_listing(source, [document]).size
    except UnreadableError:
        found = 0

    assert found == 0
    assert not nest.exists()


def test_nothing_is_pickled_between_steps(registry_url: str, tmp_path: Path) -> None:
    """Dagster's default hands values from step to step in pickles on disk: steps here hand over nothing."""
    with a_registry(registry_url, tmp_path) as registry:
        registry.serve("openrouter", a_list("a/one"))
        result = registry.sync("openrouter")
        handled = [event for event in result.all_events if event.event_type_value == "HANDLED_OUTPUT"]

        assert result.success
        assert handled == []
        assert _files_that_hold(Path(registry.instance.root_directory), b"a/one") == []


def _files_that_hold(folder: Path, words: bytes) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and words in path.read_bytes()]


# -- the network -----------------------------------------------------------------------------------------------------


def test_each_list_is_asked_for_over_tls() -> None:
    """So that a name that leads to another's machine, inside or outside, is no use to it: the certificate comes first,
    and only what a variable names may be without."""
    plain = [source.name for source in all_sources() if not source.base_url.startswith("https://")]
    excepted = [source.name for source in all_sources() if source.local or not source.base_url]

    assert sorted(set(plain) - set(excepted)) == []


def test_the_embedded_database_listens_on_no_address(tmp_path: Path) -> None:
    """Only on a socket in a folder that is closed to others."""
    home = tmp_path / "home"
    embedded_address(home, durable=False)
    data = home / "postgres/data"
    try:
        server = psutil.Process(int((data / "postmaster.pid").read_text().split()[0]))
        listening = [
            connection.laddr for connection in server.net_connections("inet") if connection.status == psutil.CONN_LISTEN
        ]
        rights = stat.S_IMODE(data.stat().st_mode)
    finally:
        release_embedded(home)

    assert listening == []
    assert rights & 0o077 == 0


def test_the_ui_is_bound_to_this_machine() -> None:
    """By `make ui`; the README says what whoever shows it to others has to do."""
    (started,) = re.findall(r"dagster-webserver .*", (ROOT / "Makefile").read_text())
    readme = (ROOT / "README.md").read_text()

    assert "--host 127.0.0.1" in started
    assert "dagster-webserver --read-only" in readme
    for path in (*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.yaml"), ROOT / "Makefile", ROOT / "dagster.yaml"):
        assert "0.0.0.0" not in path.read_text(), path  # noqa: S104


# -- what is installed and read --------------------------------------------------------------------------------------


def test_what_is_installed_is_what_was_locked() -> None:
    """Each package in one version, with the hashes of its files; Dagster after the holes of 2023 and 2025."""
    lock = (ROOT / "requirements.lock").read_text().replace("\\\n", "")
    entries = [line for line in lock.splitlines() if line and not line.lstrip().startswith("#")]
    (dagster,) = (entry.split("==")[1].split()[0] for entry in entries if entry.startswith("dagster=="))
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]

    assert [entry for entry in entries if not re.match(r"[\w.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", entry)] == []
    assert tuple(map(int, dagster.split("."))) >= (1, 13, 27)
    assert any(requirement.startswith("dagster>=1.13.27") for requirement in asked)


def test_no_file_of_settings_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `.env` that lies about, readable to all, is nobody's configuration."""
    (tmp_path / ".env").write_text("DATABASE_URL=postgresql://elsewhere/x\nMODEL_REGISTRY_CONCURRENCY=3\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)

    assert Settings().database_url is None
    assert Settings().concurrency == 8


# -- what the UI shows -----------------------------------------------------------------------------------------------

LIVELY = "![x](https://evil.example/canary.png) <img src=https://evil.example/canary.png> [x](javascript:alert(1))"


def test_what_providers_write_is_no_markdown_of_the_ui(registry_url: str, tmp_path: Path) -> None:
    """The UI loads the images of its markdown and follows its links: no word of a provider's is any."""
    with a_registry(registry_url, tmp_path) as registry:
        registry.serve("openrouter", a_list("a/one"), _lively(1), _lively(2))
        shown = []
        for _ in range(3):
            shown += _shown_as_markdown(registry)
            registry.later(days=1)

        assert any("canary" in text for text in shown)
        assert [text for text in shown if "](" in text or "<" in text or "https://evil" in text] == []
        assert registry.listed("openrouter") >= {LIVELY}


def _lively(day: int) -> object:
    broken = {"id": f"{LIVELY}2", "name": {LIVELY: 1}, f"{LIVELY}{day}": 1, "context_length": LIVELY}
    return {"data": [{"id": LIVELY, "name": LIVELY, "description": LIVELY}, broken, {"id": "a/one"}]}


def _shown_as_markdown(registry: Registry) -> list[str]:
    """What the UI renders: metadata that says so, and what checks say of their results."""
    events = [*registry.sync("openrouter").all_events, *registry.run("publish").all_events]
    made = [event.step_materialization_data.materialization for event in events if event.is_step_materialization]
    checked = [
        event.asset_check_evaluation_data for event in events if event.event_type_value == "ASSET_CHECK_EVALUATION"
    ]
    values = [value for told in (*made, *checked) for value in told.metadata.values()]
    rendered = [value for value in values if type(value).__name__ in {"MarkdownMetadataValue", "UrlMetadataValue"}]
    assert made
    assert checked
    return [str(value.value) for value in rendered] + [str(told.description) for told in (*made, *checked)]
