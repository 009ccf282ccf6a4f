"""Which pairs bear the names of what is measured. Derived from names alone, and forgotten once identity is known."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, select, text

from model_registry_pipeline.domain.serving.naming import HUBS, Known, Pair, namesakes
from model_registry_pipeline.warehouse.engine import replace_rows
from model_registry_pipeline.warehouse.tables import namesakes as namesakes_table

_NAMES = """
select source, name, null as provider_id from normalized.subjects
union all
select source, model_id, provider_id
from normalized.offerings
where offering_id in (select unnest(offering_ids) from normalized.measurements where kind = 'score')
"""
_KNOWN = """
select distinct provider_id, model_id, facts ->> 'hugging_face_id'
from normalized.offerings
join history.versions using (offering_id)
join normalized.records using (record_id)
where provider_id <> all(:hubs)
"""
_IN_HUBS = """
select provider_id, model_id, null
from normalized.offerings
where provider_id = any(:hubs) and lower(model_id) = any(:names)
"""


def refresh_namesakes(connection: Connection) -> int:
    """Bring `history.namesakes` up to date with what is listed and measured; the rows it holds then."""
    # An offering that its own list measures bears its own name, whoever else does.
    borne: defaultdict[tuple[str, str], set[Pair]] = defaultdict(set)
    for source, name, provider_id in connection.execute(text(_NAMES)):
        borne[source, name].update([(provider_id, name)] if provider_id else [])
    names = {name for _, name in borne}
    found = namesakes(names, _known(connection, names)) if names else {}
    rows = [
        (source, name, *pair) for (source, name), own in borne.items() for pair in own | found.get(name, frozenset())
    ]
    replace_rows(connection, namesakes_table, connection.execute(select(namesakes_table)), rows)
    return len(rows)


def _known(connection: Connection, names: Iterable[str]) -> Iterator[Known]:
    """What bears a name, by all that any version of it stated; of the hubs only what bears one of these in full."""
    hubs = list(HUBS)
    for row in connection.execute(text(_KNOWN), {"hubs": hubs}):
        yield Known(*row)
    for row in connection.execute(text(_IN_HUBS), {"hubs": hubs, "names": [name.lower() for name in names]}):
        yield Known(*row)
