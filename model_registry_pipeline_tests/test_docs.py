"""What the documents say of the code is so."""

import re
import tomllib
from pathlib import Path

import pytest
from sqlalchemy import text

from model_registry_pipeline.domain.source import Source
from model_registry_pipeline.sources import all_sources
from model_registry_pipeline.warehouse.engine import Warehouse
from model_registry_pipeline_tests.docs_tables import DOCUMENTS as RENEWED
from model_registry_pipeline_tests.docs_tables import README, ROOT, renewed

DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
QUERIES = re.findall(r"```sql\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
RENEW = "write them again: `python -m model_registry_pipeline_tests.docs_tables`"

DOCUMENT = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


@pytest.mark.parametrize("path", RENEWED, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_follows_from_the_code_is_as_the_code_is(path: Path) -> None:
    """Commands, settings, keys, sources and views stand in the README, and each source's chapter in docs/sources.md."""
    assert renewed(path) == path.read_text(encoding="utf-8"), RENEW


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.split("\n")[1])
def test_a_query_of_the_readme_runs(warehouse: Warehouse, query: str) -> None:
    """PostgreSQL takes each query of the README as it is printed."""
    with warehouse.transaction() as connection:
        assert connection.execute(text(query)).keys()


def test_the_readme_has_queries() -> None:
    """The pattern that finds them has not lost them."""
    assert len(QUERIES) >= 2


@DOCUMENT
def test_links_lead_somewhere(path: Path) -> None:
    """Each link to a file of the project, or to a heading of the same document, leads there."""
    content = path.read_text(encoding="utf-8")
    headings = {
        re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-")
        for title in re.findall(r"^#+ (.*)$", content, re.MULTILINE)
    }
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", content) if "://" not in link]
    lost = [
        link
        for link in links
        if not (link[1:] in headings if link.startswith("#") else (path.parent / link.partition("#")[0]).exists())
    ]

    assert lost == []


@pytest.mark.parametrize("source", all_sources(), ids=lambda source: source.name)
def test_each_source_says_what_to_expect_of_it(source: Source) -> None:
    """In which units it states prices, what it knows first hand, on what its reading rests, and on what terms."""
    assert all((source.units, source.authoritative_for, source.terms, source.evidence, source.oddities))


def test_each_dependency_has_its_reason() -> None:
    """docs/dependencies.md names what pyproject.toml asks for, in its order."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    told = re.findall(r"^\| `([^`]+)` \|", (ROOT / "docs/dependencies.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert told == [re.split(r"[\[<>=]", requirement)[0] for requirement in asked]


@DOCUMENT
def test_a_document_is_about_the_project_alone(path: Path) -> None:
    """No document names a folder of somebody's machine."""
    assert re.findall(r"(?:^|[\s`\"'(])(/(?:home|root|work|Users|mnt)/\S*)", path.read_text(encoding="utf-8")) == []
