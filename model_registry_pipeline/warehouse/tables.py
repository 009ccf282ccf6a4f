"""The tables, stage by stage. `raw` is append-only evidence; everything else is derived from it.

Surrogate ids (`*_id`) are local to one database. What a table says is told by the other columns: two databases that
were fed the same dumps and actions agree in all of them, save `recorded_at` and `run_id`.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)
INSTANT = DateTime(timezone=True)

# -- raw: what was said, and what people did ------------------------------------------------------------------------

documents = Table(
    "documents",
    metadata,
    Column("document_id", Integer, Identity(), primary_key=True),
    Column("sha256", LargeBinary, nullable=False, unique=True, comment="Of the uncompressed bytes."),
    Column("bytes", BigInteger, nullable=False, comment="Uncompressed."),
    Column("body", LargeBinary, nullable=False, comment="The document, compressed with zstd."),
    schema="raw",
    comment="Documents of dumps, each stored once however often it is seen.",
)

dumps = Table(
    "dumps",
    metadata,
    Column("dump_id", Integer, Identity(), primary_key=True),
    Column("source", Text, nullable=False),
    Column("observed_at", INSTANT, nullable=False, comment="When the source said it."),
    Column("recorded_at", INSTANT, nullable=False, comment="When it was stored here."),
    Column("origin", Text, nullable=False),
    Column("sha256", LargeBinary, nullable=False, comment="Of the documents, as `dump_sha256` tells."),
    Column("bytes", BigInteger, nullable=False, comment="Of all documents, uncompressed."),
    Column("document_ids", ARRAY(Integer), nullable=False, comment="Pages, in their order."),
    Column("document_names", ARRAY(Text), comment="Of each document, where the list lies in named files."),
    Column("confirms_dump_id", ForeignKey("raw.dumps.dump_id"), comment="The dump that a 304 says still holds."),
    Column("original_sha256", LargeBinary, comment="Of the bytes as served, where a secret was masked in them."),
    Column("file_name", Text),
    Column("url", Text),
    Column("http_status", Integer),
    Column("etag", Text),
    Column("run_id", Text),
    CheckConstraint("origin in ('fetch', 'file', 'replay', 'package')", name="origin"),
    UniqueConstraint("source", "observed_at", "sha256"),
    Index(None, "source", "observed_at", "dump_id"),
    schema="raw",
    comment="One answer of a source at one instant. Append-only.",
)

actions = Table(
    "actions",
    metadata,
    Column("action_id", Integer, Identity(), primary_key=True),
    Column("recorded_at", INSTANT, nullable=False),
    Column(
        "kind",
        Text,
        nullable=False,
        comment="accept, reject, enable, disable, add, reactivate, purge, call …",
    ),
    Column("actor", Text, nullable=False),
    Column("dump_id", ForeignKey("raw.dumps.dump_id"), comment="For accept and reject."),
    Column("provider_id", Text),
    Column("model_id", Text),
    Column("details", JSONB, nullable=False, server_default=text("'{}'")),
    Index(None, "dump_id"),
    Index(None, "provider_id", "model_id"),
    schema="raw",
    comment="What people and applications did. Append-only.",
)

# -- normalized: what it means ---------------------------------------------------------------------------------------

offerings = Table(
    "offerings",
    metadata,
    Column("offering_id", Integer, Identity(), primary_key=True),
    Column("source", Text, nullable=False),
    Column("provider_id", Text, nullable=False),
    Column("model_id", Text, nullable=False),
    # Most questions are of a pair, and what tells most comes first.
    UniqueConstraint("model_id", "provider_id", "source"),
    Index(None, "source"),
    schema="normalized",
    comment="A model as one provider offers it, as one source tells it.",
)

records = Table(
    "records",
    metadata,
    Column("record_id", Integer, Identity(), primary_key=True),
    Column("offering_id", Integer, nullable=False),
    Column("sha256", LargeBinary, nullable=False, comment="Of facts and extra."),
    Column("facts", JSONB, nullable=False, comment="The stated facts; an absent key is not stated."),
    Column("extra", JSONB, comment="What the source sent that nobody named."),
    UniqueConstraint("offering_id", "sha256"),
    schema="normalized",
    comment="One offering's normalized facts, stored once by content.",
)

listings = Table(
    "listings",
    metadata,
    Column("dump_id", ForeignKey("raw.dumps.dump_id"), primary_key=True, autoincrement=False),
    Column("parser_version", Text, nullable=False),
    Column("measuring_version", Text, comment="Null: the source measures nothing."),
    Column("is_complete", Boolean, nullable=False, comment="Whether absence from it says something."),
    Column("unreadable", Text, comment="Why the documents are not this source's list; null: they are."),
    Column("record_ids", ARRAY(Integer), nullable=False, comment="Sorted."),
    Column("subject_ids", ARRAY(Integer), comment="Of a leaderboard, which has no records: whom it names. Sorted."),
    Column("records", Integer, nullable=False, comment="Or names, in a leaderboard."),
    Column("rejected", Integer, nullable=False, comment="Records that could not be read."),
    Column("fields_rejected", Integer, nullable=False),
    Column("skipped", Integer, nullable=False, comment="Entries that are not models."),
    Column("sha256", LargeBinary, nullable=False, comment="Of the hashes of records and scores, sorted."),
    schema="normalized",
    comment="The records of one dump.",
)

rejections = Table(
    "rejections",
    metadata,
    Column("dump_id", ForeignKey("raw.dumps.dump_id"), nullable=False),
    Column("kind", Text, nullable=False, comment="record, field or duplicate."),
    Column("position", Text, nullable=False),
    Column("field", Text),
    Column("model_id", Text),
    Column("reason", Text, nullable=False),
    Index(None, "dump_id"),
    schema="normalized",
    comment="Records and fields that could not be read, and why.",
)

paths = Table(
    "paths",
    metadata,
    Column("source", Text, nullable=False),
    Column("path", Text, nullable=False, comment="In a record: `pricing.prompt`, `tags[]`."),
    Column("first_seen_at", INSTANT, nullable=False),
    Column("first_dump_id", Integer, nullable=False),
    Column("last_seen_at", INSTANT, nullable=False),
    Column("last_dump_id", Integer, nullable=False),
    PrimaryKeyConstraint("source", "path"),
    schema="normalized",
    comment="The drift ledger: each JSON path that a source's records ever had.",
)

subjects = Table(
    "subjects",
    metadata,
    Column("subject_id", Integer, Identity(), primary_key=True),
    Column("source", Text, nullable=False),
    Column("name", Text, nullable=False, comment="As the leaderboard spells it."),
    UniqueConstraint("source", "name"),
    schema="normalized",
    comment="The names that leaderboards use; which models they mean is not told here.",
)

measurements = Table(
    "measurements",
    metadata,
    Column("dump_id", ForeignKey("raw.dumps.dump_id"), nullable=False),
    Column("metric", Text, nullable=False),
    Column("unit", Text, nullable=False, comment="percent, fraction, points, rank, count, usd, second …"),
    Column("kind", Text, nullable=False, comment="score or popularity."),
    Column("offering_ids", ARRAY(Integer), comment="Of which offerings; null in a leaderboard."),
    Column("subject_ids", ARRAY(Integer), comment="Of which names, in a leaderboard."),
    Column("figures", ARRAY(Numeric), nullable=False, comment="In the order of the ids."),
    Column("variants", ARRAY(Text), comment="Under which conditions, in that order; null: none is stated."),
    Column("measured_on", ARRAY(Text), comment="ISO 8601 days, in that order; null: none is stated."),
    CheckConstraint("num_nonnulls(offering_ids, subject_ids) = 1", name="owner"),
    PrimaryKeyConstraint("dump_id", "metric"),
    schema="normalized",
    comment="What a dump measured, a row a metric.",
)

providers = Table(
    "providers",
    metadata,
    Column("provider_id", Text, primary_key=True),
    Column("label", Text, comment="How people write it."),
    Column("kind", Text, comment="lab, cloud, aggregator, local or registry; null: not known."),
    Column("website", Text),
    Column("documentation", Text, comment="Where its models are described."),
    Column("api", Text, comment="The base URL of its API, where it is the same for everybody."),
    Column("protocol", Text, comment="Whose API it speaks: openai, anthropic, google, cohere, bedrock or azure."),
    Column("key_variable", Text, comment="The environment variable in which people keep its key."),
    CheckConstraint("kind in ('lab', 'cloud', 'aggregator', 'local', 'registry')", name="kind"),
    schema="normalized",
    comment="What this release knows of each provider; the same in every registry.",
)

# -- history: since when, until when ---------------------------------------------------------------------------------

verdicts = Table(
    "verdicts",
    metadata,
    Column("dump_id", ForeignKey("raw.dumps.dump_id"), primary_key=True, autoincrement=False),
    Column("status", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("base_dump_id", Integer, comment="The accepted dump that it was compared with."),
    Column("parser_version", Text, nullable=False),
    Column("listing_sha256", LargeBinary, nullable=False, comment="Of the listing that was judged."),
    Column("action_id", Integer, comment="The accept or reject that decided it."),
    CheckConstraint("status in ('accepted', 'held', 'rejected', 'superseded')", name="status"),
    schema="history",
    comment="Whether a dump counts.",
)

acceptances = Table(
    "acceptances",
    metadata,
    Column("dump_id", ForeignKey("raw.dumps.dump_id"), nullable=False),
    Column("known_from", INSTANT, nullable=False, comment="Inclusive: when it became known that the dump counts."),
    Column("known_to", INSTANT, comment="Exclusive: when that was taken back; null: it still counts."),
    PrimaryKeyConstraint("dump_id", "known_from"),
    schema="history",
    comment="During which time each dump counted, as far as was known then.",
)

versions = Table(
    "versions",
    metadata,
    Column("offering_id", Integer, nullable=False),
    Column("valid_from", INSTANT, nullable=False, comment="Inclusive."),
    Column("valid_to", INSTANT, comment="Exclusive; null: still holds."),
    Column("record_id", Integer, nullable=False),
    Column("dump_id", Integer, nullable=False, comment="The dump that opened it."),
    PrimaryKeyConstraint("offering_id", "valid_from"),
    schema="history",
    comment="An offering's facts over a half-open interval.",
)

presence = Table(
    "presence",
    metadata,
    Column("offering_id", Integer, nullable=False),
    Column("listed_from", INSTANT, nullable=False, comment="Inclusive."),
    Column("listed_to", INSTANT, comment="The first accepted dump without it; null: listed by the latest one."),
    Column("last_seen_at", INSTANT, comment="The last accepted dump with it, where listed_to is set."),
    PrimaryKeyConstraint("offering_id", "listed_from"),
    schema="history",
    comment="When a source's list held an offering.",
)

changes = Table(
    "changes",
    metadata,
    Column("offering_id", Integer, nullable=False),
    Column("observed_at", INSTANT, nullable=False),
    Column("kind", Text, nullable=False, comment="appeared, vanished, returned, changed, or text (re-worded)."),
    Column("field", Text),
    Column("before", JSONB),
    Column("after", JSONB),
    Column("dump_id", Integer, nullable=False),
    Index(None, "offering_id", "observed_at"),
    Index(None, "observed_at"),
    schema="history",
    comment="The steps between versions.",
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("source", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("dump_id", Integer, nullable=False, comment="The day's last accepted dump."),
    Column("offerings", Integer, nullable=False),
    Column("listing_sha256", LargeBinary, nullable=False),
    PrimaryKeyConstraint("source", "day"),
    schema="history",
    comment="A row a source and day.",
)

namesakes = Table(
    "namesakes",
    metadata,
    Column("source", Text, nullable=False),
    Column("name", Text, nullable=False, comment="Of what the source measures, as it spells it."),
    Column("provider_id", Text, nullable=False),
    Column("model_id", Text, nullable=False),
    PrimaryKeyConstraint("source", "name", "provider_id", "model_id"),
    schema="history",
    comment="Which pairs bear a measured name; rewritten whenever history is published.",
)

# -- health: can it be trusted ---------------------------------------------------------------------------------------

syncs = Table(
    "syncs",
    metadata,
    Column("sync_id", Integer, Identity(), primary_key=True),
    Column("run_id", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("started_at", INSTANT, nullable=False),
    Column("completed_at", INSTANT),
    Column("status", Text, nullable=False),
    Column("dump_id", Integer),
    Column("fetched", Integer, comment="Records in the answer."),
    Column("stored", Integer, comment="Records that could be read."),
    Column("rejected", Integer),
    Column("appeared", Integer),
    Column("vanished", Integer),
    Column("changed", Integer, comment="Offerings whose facts changed."),
    Column("error", Text),
    Column("fallback", Text, comment="Why the list of an installed package stands in; stays when the sync completes."),
    CheckConstraint("status in ('running', 'completed', 'failed', 'held', 'skipped')", name="status"),
    UniqueConstraint("run_id", "source"),
    Index(None, "source", "started_at"),
    schema="health",
    comment="One run's work on one source.",
)

flags = Table(
    "flags",
    metadata,
    Column("offering_id", Integer, primary_key=True, autoincrement=False),
    Column("state", Text, nullable=False, comment="missing or stale."),
    Column("since", INSTANT, nullable=False),
    Column("reason", Text, nullable=False),
    schema="health",
    comment="What an offering's absence means; an offering without a row is listed.",
)

pairs = Table(
    "pairs",
    metadata,
    Column("provider_id", Text, nullable=False),
    Column("model_id", Text, nullable=False),
    Column("discovered_via", Text, comment="MANUAL, INDEX or INFERENCE; null: nothing since the purge."),
    Column("first_seen_at", INSTANT, comment="Of the first evidence: added, listed or called."),
    Column("enabled", Boolean, nullable=False, comment="What the administrator chose last; no sync touches it."),
    Column("added_at", INSTANT, comment="First added by hand."),
    Column("added_record_id", Integer, comment="What was said of it then, the last time."),
    Column("first_called_at", INSTANT),
    Column("last_called_at", INSTANT, comment="The last successful call that was reported."),
    Column("called_record_id", Integer, comment="What was said of it with a call, the last time."),
    Column("spoken_for_at", INSTANT, comment="Last added or reactivated by hand."),
    Column("marked_stale_at", INSTANT, comment="Last marked as stale by hand."),
    Column("purged_at", INSTANT, comment="The tombstone: evidence up to then is hidden."),
    CheckConstraint("discovered_via in ('MANUAL', 'INDEX', 'INFERENCE')", name="discovered_via"),
    PrimaryKeyConstraint("provider_id", "model_id"),
    schema="health",
    comment="What actions amount to, pair by pair; a pair without a row has only ever been listed.",
)

own_lists = Table(
    "own_lists",
    metadata,
    Column("source", Text, primary_key=True),
    Column("provider_id", Text, comment="Whose own list it is; null: not known, or of several providers."),
    Column("checked_at", INSTANT, nullable=False, comment="When it was last asked for."),
    Column("first_answered_at", INSTANT, comment="Since when it is known what the provider serves to us."),
    Column("answered_at", INSTANT, comment="The last answer that was believed."),
    Column("error", Text, comment="Why the last one was not, or that there was none; null: it was."),
    schema="health",
    comment="The lists that tell what can be called here: asked with a key, or local. Runtime state, not evidence.",
)

availability = Table(
    "availability",
    metadata,
    Column("source", Text, nullable=False),
    Column("provider_id", Text, nullable=False),
    Column("model_id", Text, nullable=False),
    Column("is_available", Boolean, nullable=False),
    Column("since", INSTANT, nullable=False, comment="The answer that said so first."),
    PrimaryKeyConstraint("source", "provider_id", "model_id"),
    Index(None, "provider_id", "model_id"),
    schema="health",
    comment="What stands, or stood, in providers' own lists. Runtime state, not evidence.",
)

incidents = Table(
    "incidents",
    metadata,
    Column("subject", Text, primary_key=True, comment="What was looked at, the same each time."),
    Column("kind", Text, nullable=False, comment="check, freshness, run or dump."),
    Column("level", SmallInteger, nullable=False, comment="As it was told: 0 well, 1 warning, 2 error."),
    Column("since", INSTANT, comment="Since when it is at this level."),
    Column("seen", SmallInteger, nullable=False, comment="The level at the last look."),
    Column("seen_at", INSTANT),
    schema="health",
    comment="What is broken, or was at the last look; what is well has no row. Runtime state, not evidence.",
)

alerts = Table(
    "alerts",
    metadata,
    Column("alert_id", Text, primary_key=True, comment="Of what happened: subject, level and instant."),
    Column("subject", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="check, freshness, run, dump or digest."),
    Column("severity", Text, nullable=False),
    Column("since", INSTANT, nullable=False, comment="When it happened."),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    Column("message_id", Text, comment="The message that tells it; many alerts share one. Null: not yet composed."),
    Column("delivered_at", INSTANT, comment="When every channel had taken its message."),
    CheckConstraint("severity in ('error', 'warning', 'recovered', 'news')", name="severity"),
    Index(None, "message_id"),
    Index("alerts_undelivered_idx", "created_at", postgresql_where=text("delivered_at is null")),
    schema="health",
    comment="The outbox: each thing that happened, told once.",
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("message_id", Text, nullable=False),
    Column("channel", Text, nullable=False, comment="Its kind and a fingerprint; never its address."),
    Column("attempts", Integer, nullable=False),
    Column("delivered_at", INSTANT),
    Column("next_try_at", INSTANT, comment="Not before this."),
    Column("last_error", Text),
    PrimaryKeyConstraint("message_id", "channel"),
    schema="health",
    comment="What became of each message on each channel that it was tried on.",
)

told_changes = Table(
    "told_changes",
    metadata,
    Column("change_key", Uuid, primary_key=True, comment="Of what changed, how, and for the how many-th time."),
    schema="health",
    comment="The changes that a digest has told, or that were known before alerts were set up.",
)

alert_cursor = Table(
    "alert_cursor",
    metadata,
    Column("is_only", Boolean, primary_key=True, server_default=text("true")),
    Column("event_id", BigInteger, comment="The last of Dagster's events that was looked at; null: none yet."),
    Column("digested_at", INSTANT, comment="When the last digest was due; null: no change is known yet."),
    CheckConstraint("is_only", name="is_only"),
    schema="health",
    comment="How far alerts have come: one row, moved in the transaction that writes the alerts.",
)

suspicions = Table(
    "suspicions",
    metadata,
    Column("offering_id", Integer, nullable=False),
    Column("field", Text, nullable=False, comment="Which price, as `serving.changes` names it."),
    Column("kind", Text, nullable=False, comment="jump, mass_move or dispute."),
    Column("observed_at", INSTANT, nullable=False, comment="Since when it is in doubt."),
    Column(
        "dump_id", Integer, nullable=False, comment="The dump that stated it; a person settles it by accepting that."
    ),
    Column("before", Numeric, comment="The price that a jump or mass move left."),
    Column("after", Numeric, comment="The price in doubt; null: it is no longer stated."),
    Column("other_source", Text, comment="Who states another price, or settled it by stating the same."),
    Column("settled_at", INSTANT, comment="Null: it is still in doubt."),
    Column("settled_by", Text),
    CheckConstraint("kind in ('jump', 'mass_move', 'dispute')", name="kind"),
    PrimaryKeyConstraint("offering_id", "field", "observed_at", "kind"),
    schema="health",
    comment="Prices that are, or were, in doubt, and what settled it.",
)
