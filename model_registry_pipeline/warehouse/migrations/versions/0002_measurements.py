"""Measurements: benchmark scores and popularity as dated series.

Revision 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "listings",
        sa.Column("measuring_version", sa.Text(), nullable=True, comment="Null: the source measures nothing."),
        schema="normalized",
    )
    op.add_column(
        "listings",
        sa.Column(
            "subject_ids",
            postgresql.ARRAY(sa.Integer()),
            nullable=True,
            comment="Of a leaderboard, which has no records: whom it names. Sorted.",
        ),
        schema="normalized",
    )
    op.alter_column("listings", "records", comment="Or names, in a leaderboard.", schema="normalized")
    op.alter_column("listings", "sha256", comment="Of the hashes of records and scores, sorted.", schema="normalized")
    op.create_table(
        "subjects",
        sa.Column("subject_id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="As the leaderboard spells it."),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("subjects_pkey")),
        sa.UniqueConstraint("source", "name", name=op.f("subjects_source_name_key")),
        schema="normalized",
        comment="The names that leaderboards use; which models they mean is not told here.",
    )
    op.create_table(
        "measurements",
        sa.Column("dump_id", sa.Integer(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False, comment="percent, fraction, points, rank, count, usd, second …"),
        sa.Column("kind", sa.Text(), nullable=False, comment="score or popularity."),
        sa.Column(
            "offering_ids",
            postgresql.ARRAY(sa.Integer()),
            nullable=True,
            comment="Of which offerings; null in a leaderboard.",
        ),
        sa.Column(
            "subject_ids",
            postgresql.ARRAY(sa.Integer()),
            nullable=True,
            comment="Of which names, in a leaderboard.",
        ),
        sa.Column("figures", postgresql.ARRAY(sa.Numeric()), nullable=False, comment="In the order of the ids."),
        sa.Column(
            "variants",
            postgresql.ARRAY(sa.Text()),
            nullable=True,
            comment="Under which conditions, in that order; null: none is stated.",
        ),
        sa.Column(
            "measured_on",
            postgresql.ARRAY(sa.Text()),
            nullable=True,
            comment="ISO 8601 days, in that order; null: none is stated.",
        ),
        sa.CheckConstraint("num_nonnulls(offering_ids, subject_ids) = 1", name=op.f("measurements_owner_check")),
        sa.ForeignKeyConstraint(["dump_id"], ["raw.dumps.dump_id"], name=op.f("measurements_dump_id_fkey")),
        sa.PrimaryKeyConstraint("dump_id", "metric", name=op.f("measurements_pkey")),
        schema="normalized",
        comment="What a dump measured, a row a metric.",
    )
    op.create_table(
        "namesakes",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="Of what the source measures, as it spells it."),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", "name", "provider_id", "model_id", name=op.f("namesakes_pkey")),
        schema="history",
        comment="Which pairs bear a measured name; rewritten whenever history is published.",
    )


def downgrade() -> None:
    op.drop_table("namesakes", schema="history")
    op.drop_table("measurements", schema="normalized")
    op.drop_table("subjects", schema="normalized")
    op.alter_column("listings", "sha256", comment="Of the records' hashes, sorted.", schema="normalized")
    op.alter_column("listings", "records", comment=None, schema="normalized")
    op.drop_column("listings", "subject_ids", schema="normalized")
    op.drop_column("listings", "measuring_version", schema="normalized")
