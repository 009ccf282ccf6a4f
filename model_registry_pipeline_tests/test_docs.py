"""What the documents say of the code is so."""

import re
import tomllib
from pathlib import Path

import pytest
from sqlalchemy import text

from model_registry_pipeline.sources import all_sources
from model_registry_pipeline.warehouse.engine import Warehouse
from model_registry_pipeline_tests.docs_tables import README, ROOT, renewed

DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
QUERIES = re.findall(r"```sql\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
RENEW = "write them again: `python -m model_registry_pipeline_tests.docs_tables`"

DOCUMENT = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def test_the_tables_of_the_readme_are_those_of_the_code() -> None:
    """Commands, settings, keys, sources and views stand in the README as the code has them."""
    readme = README.read_text(encoding="utf-8")

    assert renewed(readme) == readme, RENEW


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


def test_each_source_is_described() -> None:
    """docs/sources.md has a chapter for every source, and for no other."""
    chapters = re.findall(r"^## `(\w+)`", (ROOT / "docs/sources.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert chapters == [source.name for source in all_sources()]


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
