"""Every source that the registry reads: this folder is the list.

To add one: copy a neighbour, describe what the source sends (wire model), what it means (`parse`) and where it is
(`SOURCE`), and record its fixture with `python -m model_registry_pipeline_tests.sources.recording NAME DOCUMENT`.
Assets, checks, schedules and tests follow from `all_sources()`.
"""

from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from model_registry_pipeline.domain.source import Source


class UnknownSourceError(Exception):
    """No source has this name. The text names those there are."""


@cache
def all_sources() -> tuple[Source, ...]:
    """The SOURCE of every module of this folder, sorted by name."""
    modules = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__) if not module.ispkg]
    return tuple(sorted((module.SOURCE for module in modules), key=lambda source: str(source.name)))


def source_named(name: str) -> Source:
    """The source of this name. Raises UnknownSourceError, with the nearest name there is."""
    sources = {source.name: source for source in all_sources()}
    if name in sources:
        return sources[name]
    nearest = get_close_matches(name, sources, n=1)
    question = f" Did you mean {nearest[0]}?" if nearest else ""
    raise UnknownSourceError(f"No source is named {name!r}.{question} There are: {', '.join(sources)}.")
