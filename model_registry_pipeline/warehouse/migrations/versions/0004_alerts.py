"""Alerts: what is broken, the outbox, what became of each message, how far it has come.

Revision 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "incidents",
        sa.Column("subject", sa.Text(), nullable=False, comment="What was looked at, the same each time."),
        sa.Column("kind", sa.Text(), nullable=False, comment="check, freshness, run or dump."),
        sa.Column("level", sa.SmallInteger(), nullable=False, comment="As it was told: 0 well, 1 warning, 2 error."),
        sa.Column("since", INSTANT, comment="Since when it is at this level."),
        sa.Column("seen", sa.SmallInteger(), nullable=False, comment="The level at the last look."),
        sa.Column("seen_at", INSTANT),
        sa.PrimaryKeyConstraint("subject", name=op.f("incidents_pkey")),
        schema="health",
        comment="What is broken, or was at the last look; what is well has no row. Runtime state, not evidence.",
    )
    op.create_table(
        "alerts",
        sa.Column("alert_id", sa.Text(), nullable=False, comment="Of what happened: subject, level and instant."),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="check, freshness, run, dump or digest."),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("since", INSTANT, nullable=False, comment="When it happened."),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column(
            "message_id", sa.Text(), comment="The message that tells it; many alerts share one. Null: not yet composed."
        ),
        sa.Column("delivered_at", INSTANT, comment="When every channel had taken its message."),
        sa.CheckConstraint("severity in ('error', 'warning', 'recovered', 'news')", name=op.f("alerts_severity_check")),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("alerts_pkey")),
        schema="health",
        comment="The outbox: each thing that happened, told once.",
    )
    op.create_index(op.f("alerts_message_id_idx"), "alerts", ["message_id"], schema="health")
    op.create_index(
        "alerts_undelivered_idx",
        "alerts",
        ["created_at"],
        schema="health",
        postgresql_where=sa.text("delivered_at is null"),
    )
    op.create_table(
        "deliveries",
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False, comment="Its kind and a fingerprint; never its address."),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("delivered_at", INSTANT),
        sa.Column("next_try_at", INSTANT, comment="Not before this."),
        sa.Column("last_error", sa.Text()),
        sa.PrimaryKeyConstraint("message_id", "channel", name=op.f("deliveries_pkey")),
        schema="health",
        comment="What became of each message on each channel that it was tried on.",
    )
    op.create_table(
        "told_changes",
        sa.Column(
            "change_key", sa.Uuid(), nullable=False, comment="Of what changed, how, and for the how many-th time."
        ),
        sa.PrimaryKeyConstraint("change_key", name=op.f("told_changes_pkey")),
        schema="health",
        comment="The changes that a digest has told, or that were known before alerts were set up.",
    )
    op.create_table(
        "alert_cursor",
        sa.Column("is_only", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column(
            "event_id", sa.BigInteger(), comment="The last of Dagster's events that was looked at; null: none yet."
        ),
        sa.Column("digested_at", INSTANT, comment="When the last digest was due; null: no change is known yet."),
        sa.CheckConstraint("is_only", name=op.f("alert_cursor_is_only_check")),
        sa.PrimaryKeyConstraint("is_only", name=op.f("alert_cursor_pkey")),
        schema="health",
        comment="How far alerts have come: one row, moved in the transaction that writes the alerts.",
    )


def downgrade() -> None:
    for table in ("alert_cursor", "told_changes", "deliveries", "alerts", "incidents"):
        op.drop_table(table, schema="health")
