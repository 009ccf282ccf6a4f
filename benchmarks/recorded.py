"""Which recorded answers are whose: `.dumps/<source>/`, save where a folder holds several lists, or a list has two."""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

DUMPS = Path(".dumps")

FILES = {
    "bench_aider": ("bench_aider/*polyglot*",),
    "bench_aider_edit": ("bench_aider/edit*",),
    "bench_aider_refactor": ("bench_aider/refactor*",),
    "bench_livebench": ("bench_livebench/table*",),
    "bench_lmarena": ("bench_lmarena/*text*",),
    "bench_lmarena_vision": ("bench_lmarena/*vision*",),
    "litellm": ("litellm_releases/*", "litellm/*"),
    "openrouter": ("openrouter/*", "openrouter_2026_format/*"),
}
_PAGE = re.compile(r"_page\d+")
_FILE = re.compile(r"_(general|pricing)_(.+)")


class Answer(NamedTuple):
    """One recorded answer."""

    name: str
    documents: list[bytes]
    """Its pages, in order."""


def answers(source: str, dumps: Path = DUMPS) -> Iterator[Answer]:
    """All recorded answers of a source, by their days."""
    for pattern in FILES.get(source, (f"{source}/*",)):
        paths = sorted((path for path in dumps.glob(pattern) if path.is_file()), key=lambda path: path.name)
        for name, pages in groupby(paths, key=lambda path: _FILE.sub("", _PAGE.sub("", path.stem))):
            parts = list(pages)
            if all(_FILE.search(part.stem) for part in parts):
                yield Answer(name, [_joined(parts)])
            else:
                yield Answer(name, [_as_served(source, part.read_bytes()) for part in parts])


def _joined(parts: Iterable[Path]) -> bytes:
    """Files of a set, as a dropped file holds them."""
    named = {"/".join(found.groups()): part for part in parts if (found := _FILE.search(part.stem))}
    return json.dumps({name: json.loads(part.read_bytes()) for name, part in named.items()}).encode()


def _as_served(source: str, document: bytes) -> bytes:
    """Who kept 36 answers of NVIDIA's had put their models under their ids, in an envelope of his own."""
    if source != "nvidia_nim" or b'"by_publisher"' not in document:
        return document
    models = json.loads(document)["models"].values()
    return json.dumps({"data": [{"id": each["id"], "created": each["created"]} for each in models]}).encode()
