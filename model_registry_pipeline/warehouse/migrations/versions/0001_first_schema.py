"""The first schema: raw, normalized, history, health.

Revision 0001.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMAS = ("raw", "normalized", "history", "health")
APPEND_ONLY = ("raw.documents", "raw.dumps", "raw.actions")


def upgrade() -> None:
    for schema in SCHEMAS:
        op.execute(f"create schema {schema}")
    op.create_table(
        "flags",
        sa.Column("offering_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="missing or stale."),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("offering_id", name=op.f("flags_pkey")),
        schema="health",
        comment="What an offering's absence means; an offering without a row is listed.",
    )
    op.create_table(
        "syncs",
        sa.Column("sync_id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("dump_id", sa.Integer(), nullable=True),
        sa.Column("fetched", sa.Integer(), nullable=True, comment="Records in the answer."),
        sa.Column("stored", sa.Integer(), nullable=True, comment="Records that could be read."),
        sa.Column("rejected", sa.Integer(), nullable=True),
        sa.Column("appeared", sa.Integer(), nullable=True),
        sa.Column("vanished", sa.Integer(), nullable=True),
        sa.Column("changed", sa.Integer(), nullable=True, comment="Offerings whose facts changed."),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "status in ('running', 'completed', 'failed', 'held', 'skipped')", name=op.f("syncs_status_check")
        ),
        sa.PrimaryKeyConstraint("sync_id", name=op.f("syncs_pkey")),
        sa.UniqueConstraint("run_id", "source", name=op.f("syncs_run_id_source_key")),
        schema="health",
        comment="One run's work on one source.",
    )
    op.create_index(
        op.f("syncs_source_started_at_idx"), "syncs", ["source", "started_at"], unique=False, schema="health"
    )
    op.create_table(
        "changes",
        sa.Column("offering_id", sa.Integer(), nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "kind", sa.Text(), nullable=False, comment="appeared, vanished, returned, changed, or text (re-worded)."
        ),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("dump_id", sa.Integer(), nullable=False),
        schema="history",
        comment="The steps between versions.",
    )
    op.create_index(op.f("changes_observed_at_idx"), "changes", ["observed_at"], unique=False, schema="history")
    op.create_index(
        op.f("changes_offering_id_observed_at_idx"),
        "changes",
        ["offering_id", "observed_at"],
        unique=False,
        schema="history",
    )
    op.create_table(
        "presence",
        sa.Column("offering_id", sa.Integer(), nullable=False),
        sa.Column("listed_from", sa.DateTime(timezone=True), nullable=False, comment="Inclusive."),
        sa.Column(
            "listed_to",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="The first accepted dump without it; null: listed by the latest one.",
        ),
        sa.Column(
            "last_seen_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="The last accepted dump with it, where listed_to is set.",
        ),
        sa.PrimaryKeyConstraint("offering_id", "listed_from", name=op.f("presence_pkey")),
        schema="history",
        comment="When a source's list held an offering.",
    )
    op.create_table(
        "snapshots",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("dump_id", sa.Integer(), nullable=False, comment="The day's last accepted dump."),
        sa.Column("offerings", sa.Integer(), nullable=False),
        sa.Column("listing_sha256", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("source", "day", name=op.f("snapshots_pkey")),
        schema="history",
        comment="A row a source and day.",
    )
    op.create_table(
        "versions",
        sa.Column("offering_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False, comment="Inclusive."),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True, comment="Exclusive; null: still holds."),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("dump_id", sa.Integer(), nullable=False, comment="The dump that opened it."),
        sa.PrimaryKeyConstraint("offering_id", "valid_from", name=op.f("versions_pkey")),
        schema="history",
        comment="An offering's facts over a half-open interval.",
    )
    op.create_table(
        "offerings",
        sa.Column("offering_id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("offering_id", name=op.f("offerings_pkey")),
        sa.UniqueConstraint(
            "source", "provider_id", "model_id", name=op.f("offerings_source_provider_id_model_id_key")
        ),
        schema="normalized",
        comment="A model as one provider offers it, as one source tells it.",
    )
    op.create_index(
        op.f("offerings_provider_id_model_id_idx"),
        "offerings",
        ["provider_id", "model_id"],
        unique=False,
        schema="normalized",
    )
    op.create_table(
        "records",
        sa.Column("record_id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("offering_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False, comment="Of facts and extra."),
        sa.Column(
            "facts",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="The stated facts; an absent key is not stated.",
        ),
        sa.Column(
            "extra",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="What the source sent that nobody named.",
        ),
        sa.PrimaryKeyConstraint("record_id", name=op.f("records_pkey")),
        sa.UniqueConstraint("offering_id", "sha256", name=op.f("records_offering_id_sha256_key")),
        schema="normalized",
        comment="One offering's normalized facts, stored once by content.",
    )
    op.create_table(
        "documents",
        sa.Column("document_id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False, comment="Of the uncompressed bytes."),
        sa.Column("bytes", sa.BigInteger(), nullable=False, comment="Uncompressed."),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="The document, compressed with zstd."),
        sa.PrimaryKeyConstraint("document_id", name=op.f("documents_pkey")),
        sa.UniqueConstraint("sha256", name=op.f("documents_sha256_key")),
        schema="raw",
        comment="Documents of dumps, each stored once however often it is seen.",
    )
    op.create_table(
        "dumps",
        sa.Column("dump_id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False, comment="When the source said it."),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False, comment="When it was stored here."),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False, comment="Of the documents, as `dump_sha256` tells."),
        sa.Column("bytes", sa.BigInteger(), nullable=False, comment="Of all documents, uncompressed."),
        sa.Column("document_ids", sa.ARRAY(sa.Integer()), nullable=False, comment="Pages, in their order."),
        sa.Column("confirms_dump_id", sa.Integer(), nullable=True, comment="The dump that a 304 says still holds."),
        sa.Column(
            "original_sha256",
            sa.LargeBinary(),
            nullable=True,
            comment="Of the bytes as served, where a secret was masked in them.",
        ),
        sa.Column("file_name", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.CheckConstraint("origin in ('fetch', 'file', 'replay', 'package')", name=op.f("dumps_origin_check")),
        sa.ForeignKeyConstraint(["confirms_dump_id"], ["raw.dumps.dump_id"], name=op.f("dumps_confirms_dump_id_fkey")),
        sa.PrimaryKeyConstraint("dump_id", name=op.f("dumps_pkey")),
        sa.UniqueConstraint("source", "observed_at", "sha256", name=op.f("dumps_source_observed_at_sha256_key")),
        schema="raw",
        comment="One answer of a source at one instant. Append-only.",
    )
    op.create_index(
        op.f("dumps_source_observed_at_dump_id_idx"),
        "dumps",
        ["source", "observed_at", "dump_id"],
        unique=False,
        schema="raw",
    )
    op.create_table(
        "verdicts",
        sa.Column("dump_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("base_dump_id", sa.Integer(), nullable=True, comment="The accepted dump that it was compared with."),
        sa.Column("parser_version", sa.Text(), nullable=False),
        sa.Column("listing_sha256", sa.LargeBinary(), nullable=False, comment="Of the listing that was judged."),
        sa.Column("action_id", sa.Integer(), nullable=True, comment="The accept or reject that decided it."),
        sa.CheckConstraint(
            "status in ('accepted', 'held', 'rejected', 'superseded')", name=op.f("verdicts_status_check")
        ),
        sa.ForeignKeyConstraint(["dump_id"], ["raw.dumps.dump_id"], name=op.f("verdicts_dump_id_fkey")),
        sa.PrimaryKeyConstraint("dump_id", name=op.f("verdicts_pkey")),
        schema="history",
        comment="Whether a dump counts.",
    )
    op.create_table(
        "listings",
        sa.Column("dump_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("parser_version", sa.Text(), nullable=False),
        sa.Column("is_complete", sa.Boolean(), nullable=False, comment="Whether absence from it says something."),
        sa.Column(
            "unreadable",
            sa.Text(),
            nullable=True,
            comment="Why the documents are not this source's list; null: they are.",
        ),
        sa.Column("record_ids", sa.ARRAY(sa.Integer()), nullable=False, comment="Sorted."),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False, comment="Records that could not be read."),
        sa.Column("fields_rejected", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False, comment="Entries that are not models."),
        sa.Column("sha256", sa.LargeBinary(), nullable=False, comment="Of the records' hashes, sorted."),
        sa.ForeignKeyConstraint(["dump_id"], ["raw.dumps.dump_id"], name=op.f("listings_dump_id_fkey")),
        sa.PrimaryKeyConstraint("dump_id", name=op.f("listings_pkey")),
        schema="normalized",
        comment="The records of one dump.",
    )
    op.create_table(
        "rejections",
        sa.Column("dump_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="record, field or duplicate."),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("model_id", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["dump_id"], ["raw.dumps.dump_id"], name=op.f("rejections_dump_id_fkey")),
        schema="normalized",
        comment="Records and fields that could not be read, and why.",
    )
    op.create_index(op.f("rejections_dump_id_idx"), "rejections", ["dump_id"], unique=False, schema="normalized")
    op.create_table(
        "actions",
        sa.Column("action_id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "kind", sa.Text(), nullable=False, comment="accept, reject, enable, disable, add, reactivate, purge, call …"
        ),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("dump_id", sa.Integer(), nullable=True, comment="For accept and reject."),
        sa.Column("provider_id", sa.Text(), nullable=True),
        sa.Column("model_id", sa.Text(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.ForeignKeyConstraint(["dump_id"], ["raw.dumps.dump_id"], name=op.f("actions_dump_id_fkey")),
        sa.PrimaryKeyConstraint("action_id", name=op.f("actions_pkey")),
        schema="raw",
        comment="What people and applications did. Append-only.",
    )
    op.create_index(op.f("actions_dump_id_idx"), "actions", ["dump_id"], unique=False, schema="raw")

    op.create_table(
        "acceptances",
        sa.Column("dump_id", sa.Integer(), nullable=False),
        sa.Column(
            "known_from",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Inclusive: when it became known that the dump counts.",
        ),
        sa.Column(
            "known_to",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Exclusive: when that was taken back; null: it still counts.",
        ),
        sa.ForeignKeyConstraint(["dump_id"], ["raw.dumps.dump_id"], name=op.f("acceptances_dump_id_fkey")),
        sa.PrimaryKeyConstraint("dump_id", "known_from", name=op.f("acceptances_pkey")),
        schema="history",
        comment="During which time each dump counted, as far as was known then.",
    )
    op.create_table(
        "paths",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False, comment="In a record: `pricing.prompt`, `tags[]`."),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_dump_id", sa.Integer(), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_dump_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source", "path", name=op.f("paths_pkey")),
        schema="normalized",
        comment="The drift ledger: each JSON path that a source's records ever had.",
    )
    # Compressed already: PostgreSQL would only try again.
    op.execute("alter table raw.documents alter column body set storage external")
    op.execute(
        """
        create function raw.refuse_change() returns trigger language plpgsql as $$
        begin
            raise exception '% is append-only: % refused', tg_table_name, lower(tg_op)
                using hint = 'Evidence is kept. To leave a dump out of history, reject it.';
        end $$
        """
    )
    for table in APPEND_ONLY:
        op.execute(
            f"create trigger append_only before update or delete or truncate on {table} "
            "for each statement execute function raw.refuse_change()"
        )


def downgrade() -> None:
    for schema in reversed(SCHEMAS):
        op.execute(f"drop schema {schema} cascade")
