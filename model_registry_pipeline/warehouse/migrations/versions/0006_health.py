"""Health: prices that are in doubt.

Revision 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "suspicions",
        sa.Column("offering_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False, comment="Which price, as `serving.changes` names it."),
        sa.Column("kind", sa.Text(), nullable=False, comment="jump, mass_move or dispute."),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False, comment="Since when it is in doubt."),
        sa.Column(
            "dump_id",
            sa.Integer(),
            nullable=False,
            comment="The dump that stated it; a person settles it by accepting that.",
        ),
        sa.Column("before", sa.Numeric(), nullable=True, comment="The price that a jump or mass move left."),
        sa.Column("after", sa.Numeric(), nullable=True, comment="The price in doubt; null: it is no longer stated."),
        sa.Column(
            "other_source",
            sa.Text(),
            nullable=True,
            comment="Who states another price, or settled it by stating the same.",
        ),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True, comment="Null: it is still in doubt."),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.CheckConstraint("kind in ('jump', 'mass_move', 'dispute')", name=op.f("suspicions_kind_check")),
        sa.PrimaryKeyConstraint("offering_id", "field", "observed_at", "kind", name=op.f("suspicions_pkey")),
        schema="health",
        comment="Prices that are, or were, in doubt, and what settled it.",
    )


def downgrade() -> None:
    op.drop_table("suspicions", schema="health")
