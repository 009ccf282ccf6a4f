"""What a registry says of one source, without what differs between two that were told the same: surrogate ids."""

import hashlib
import re

from sqlalchemy import Connection, text

_DUMP = "(select format('%s %s', observed_at, left(encode(sha256, 'hex'), 8)) from raw.dumps as d where d.dump_id = {})"
_RECORD = "(select encode(sha256, 'hex') from normalized.records as r where r.record_id = {})"
_OF_SOURCE = "join normalized.offerings using (offering_id) where source = :source"

QUERIES = {
    "offerings": "select provider_id, model_id from normalized.offerings where source = :source",
    "records": f"select provider_id, model_id, sha256, facts::text, extra::text from normalized.records {_OF_SOURCE}",
    "listings": f"""
        select {_DUMP.format("listings.dump_id")}, parser_version, measuring_version, is_complete, unreadable, records,
               rejected, fields_rejected, skipped, listings.sha256,
               (select string_agg(encode(r.sha256, 'hex'), ' ' order by r.sha256)
                from normalized.records as r where r.record_id = any (record_ids))
        from normalized.listings join raw.dumps using (dump_id) where source = :source""",
    "subjects": "select name from normalized.subjects where source = :source",
    "measurements": f"""
        select {_DUMP.format("measurements.dump_id")}, metric, unit, kind, value::text, variant, point.measured_on,
               (select format('%s %s', provider_id, model_id) from normalized.offerings as o
                where offering_ids is not null and o.offering_id = owner_id),
               (select name from normalized.subjects as s where subject_ids is not null and s.subject_id = owner_id)
        from normalized.measurements join raw.dumps using (dump_id)
        cross join lateral unnest(coalesce(offering_ids, subject_ids), figures, variants, measurements.measured_on)
            as point (owner_id, value, variant, measured_on)
        where source = :source""",
    "rejections": f"""
        select {_DUMP.format("rejections.dump_id")}, kind, position, field, model_id, reason
        from normalized.rejections join raw.dumps using (dump_id) where source = :source""",
    "paths": f"""
        select path, first_seen_at, last_seen_at, {_DUMP.format("first_dump_id")}, {_DUMP.format("last_dump_id")}
        from normalized.paths where source = :source""",
    "verdicts": f"""
        select {_DUMP.format("verdicts.dump_id")}, status, reason, {_DUMP.format("base_dump_id")}, parser_version,
               listing_sha256, (select kind from raw.actions where actions.action_id = verdicts.action_id)
        from history.verdicts join raw.dumps using (dump_id) where source = :source""",
    "acceptances": f"""
        select {_DUMP.format("acceptances.dump_id")}, known_from, known_to
        from history.acceptances join raw.dumps using (dump_id) where source = :source""",
    "versions": f"""
        select provider_id, model_id, valid_from, valid_to, {_RECORD.format("versions.record_id")},
               {_DUMP.format("versions.dump_id")}
        from history.versions {_OF_SOURCE}""",
    "presence": f"""
        select provider_id, model_id, listed_from, listed_to, last_seen_at from history.presence {_OF_SOURCE}""",
    "changes": f"""
        select provider_id, model_id, observed_at, kind, field, before, after, {_DUMP.format("changes.dump_id")}
        from history.changes {_OF_SOURCE}""",
    "snapshots": f"""
        select day, {_DUMP.format("snapshots.dump_id")}, offerings, listing_sha256
        from history.snapshots where source = :source""",
}
"""The derived rows of a source, table by table."""

_NAMED_DUMPS = re.compile(r"(?<=dump )\d+|(?<=dumps )\d+(?:, \d+)*")

State = dict[str, list[str]]


def state_of(connection: Connection, source: str) -> State:
    """Each derived table's rows, sorted."""
    told = {
        str(dump_id): label
        for dump_id, label in connection.execute(
            text(f"select dump_id, {_DUMP.format('dumps.dump_id')} from raw.dumps where source = :source"),
            {"source": source},
        )
    }

    def named(match: re.Match[str]) -> str:
        return "; ".join(told[dump_id] for dump_id in match[0].split(", "))

    return {
        table: sorted(
            repr([_NAMED_DUMPS.sub(named, value) if isinstance(value, str) else value for value in row])
            for row in connection.execute(text(query), {"source": source})
        )
        for table, query in QUERIES.items()
    }


def state_hash(connection: Connection, source: str) -> str:
    """One hash of all of it."""
    return hashlib.sha256(repr(state_of(connection, source)).encode()).hexdigest()
