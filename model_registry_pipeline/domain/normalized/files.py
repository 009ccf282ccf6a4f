"""A list in named files, `<part>/<provider>`: each an object of models by their ids; its parts make one record."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from model_registry_pipeline.domain.normalized.layouts import content_of
from model_registry_pipeline.domain.records import Measurement, Offering
from model_registry_pipeline.domain.source import Fault, RawRecord, UnreadableError, Wire

W = TypeVar("W", bound=Wire)

_models = msgspec.json.Decoder(dict[str, msgspec.Raw])


def own_id(part: str, key: str) -> tuple[str, str]:
    """A key is the model's id, and what stands there is that part's word of it."""
    return key, part


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed(Generic[W]):
    """Files by their names, as `joined` makes them. A record is `{provider, id, <part>: …, <other part>: …}`."""

    parts: tuple[str, ...]
    """A list without a file of one of these is not whole."""
    wire: type[W]
    parse: Callable[[W], Offering | None]
    not_models: frozenset[str] = frozenset()
    """Keys of a file that hold something else."""
    placed: Callable[[str, str], tuple[str, str]] = own_id
    """By part and key: whose model it is, and under which name of the record it stands."""

    def records(self, document: bytes) -> Iterator[RawRecord]:
        """Raises UnreadableError where a file is no object of models, or a part is missing."""
        content = content_of(document)
        files = content if isinstance(content, dict) else {}
        if absent := [part for part in self.parts if not any(name.startswith(f"{part}/") for name in files)]:
            raise UnreadableError(f"not whole: no file `{absent[0]}/…`")
        found: dict[tuple[str, str], dict[str, msgspec.Raw]] = {}
        for name in sorted(files):
            part, _, provider = name.partition("/")
            for key, body in _file(name, files[name]).items():
                if key not in self.not_models:
                    model_id, place = self.placed(part, key)
                    found.setdefault((provider, model_id), {})[place] = body
        return (_record(provider, model_id, said) for (provider, model_id), said in found.items())

    def offering(self, model: W, record: RawRecord) -> Offering | None:
        """What a record means."""
        return self.parse(model)

    def measurements(self, model: W, record: RawRecord) -> Iterable[Measurement | Fault]:
        """Nothing."""
        return ()


def _file(name: str, body: msgspec.Raw) -> dict[str, msgspec.Raw]:
    try:
        return _models.decode(body)
    except msgspec.ValidationError as error:
        raise UnreadableError(f"the file `{name}` is no object of models: {error}") from None


def _record(provider: str, model_id: str, said: dict[str, msgspec.Raw]) -> RawRecord:
    body = msgspec.json.encode({"provider": provider, "id": model_id, **dict(sorted(said.items()))})
    return RawRecord(position=f"{provider}.{model_id}", body=body)
