"""What another parser makes of the same documents: records that come, go or read otherwise, field by field."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

Key = tuple[str, str]
"""(provider_id, model_id)."""


@dataclass(slots=True)
class Lineage:
    """The difference between the stored and the newly read records of some dumps.

    Each difference counts once, in however many dumps it shows.
    """

    added: int = 0
    removed: int = 0
    changed: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    """How many of the changed records read otherwise in a field."""
    _seen: set[object] = field(default_factory=set, repr=False)

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)

    def compare(self, stored: Mapping[Key, bytes], read: Mapping[Key, bytes]) -> None:
        """Take in the records of one dump that differ: their facts (and extra) as JSON, by offering."""
        for key in stored.keys() | read.keys():
            before, after = stored.get(key), read.get(key)
            if before == after or (key, before, after) in self._seen:
                continue
            self._seen.add((key, before, after))
            if before is None:
                self.added += 1
            elif after is None:
                self.removed += 1
            else:
                self.changed += 1
                self.fields.update(_differing(msgspec.json.decode(before), msgspec.json.decode(after)))

    def told(self) -> str:
        """For people: one line."""
        fields = ", ".join(f"{name} {count:,}" for name, count in self.fields.most_common())
        told = f"{self.added:,} records added, {self.removed:,} removed, {self.changed:,} changed"
        return f"{told} ({fields})" if fields else told


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[str]:
    return [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)]
