"""Life of offerings: pairs, availability, what people decided.

Revision 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_index(op.f("actions_provider_id_model_id_idx"), "actions", ["provider_id", "model_id"], schema="raw")
    op.add_column(
        "syncs",
        sa.Column(
            "fallback",
            sa.Text(),
            nullable=True,
            comment="Why the list of an installed package stands in; stays when the sync completes.",
        ),
        schema="health",
    )
    op.create_table(
        "pairs",
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("discovered_via", sa.Text(), comment="MANUAL, INDEX or INFERENCE; null: nothing since the purge."),
        sa.Column("first_seen_at", INSTANT, comment="Of the first evidence: added, listed or called."),
        sa.Column(
            "enabled", sa.Boolean(), nullable=False, comment="What the administrator chose last; no sync touches it."
        ),
        sa.Column("added_at", INSTANT, comment="First added by hand."),
        sa.Column("added_record_id", sa.Integer(), comment="What was said of it then, the last time."),
        sa.Column("first_called_at", INSTANT),
        sa.Column("last_called_at", INSTANT, comment="The last successful call that was reported."),
        sa.Column("called_record_id", sa.Integer(), comment="What was said of it with a call, the last time."),
        sa.Column("spoken_for_at", INSTANT, comment="Last added or reactivated by hand."),
        sa.Column("marked_stale_at", INSTANT, comment="Last marked as stale by hand."),
        sa.Column("purged_at", INSTANT, comment="The tombstone: evidence up to then is hidden."),
        sa.CheckConstraint(
            "discovered_via in ('MANUAL', 'INDEX', 'INFERENCE')", name=op.f("pairs_discovered_via_check")
        ),
        sa.PrimaryKeyConstraint("provider_id", "model_id", name=op.f("pairs_pkey")),
        schema="health",
        comment="What actions amount to, pair by pair; a pair without a row has only ever been listed.",
    )
    op.create_table(
        "own_lists",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Text(), comment="Whose own list it is; null: not known, or of several providers."),
        sa.Column("checked_at", INSTANT, nullable=False, comment="When it was last asked for."),
        sa.Column("first_answered_at", INSTANT, comment="Since when it is known what the provider serves to us."),
        sa.Column("answered_at", INSTANT, comment="The last answer that was believed."),
        sa.Column("error", sa.Text(), comment="Why the last one was not, or that there was none; null: it was."),
        sa.PrimaryKeyConstraint("source", name=op.f("own_lists_pkey")),
        schema="health",
        comment="The lists that tell what can be called here: asked with a key, or local. Runtime state, not evidence.",
    )
    op.create_table(
        "availability",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("is_available", sa.Boolean(), nullable=False),
        sa.Column("since", INSTANT, nullable=False, comment="The answer that said so first."),
        sa.PrimaryKeyConstraint("source", "provider_id", "model_id", name=op.f("availability_pkey")),
        schema="health",
        comment="What stands, or stood, in providers' own lists. Runtime state, not evidence.",
    )
    op.create_index(
        op.f("availability_provider_id_model_id_idx"), "availability", ["provider_id", "model_id"], schema="health"
    )


def downgrade() -> None:
    for table in ("availability", "own_lists", "pairs"):
        op.drop_table(table, schema="health")
    op.drop_column("syncs", "fallback", schema="health")
    op.drop_index(op.f("actions_provider_id_model_id_idx"), "actions", schema="raw")
