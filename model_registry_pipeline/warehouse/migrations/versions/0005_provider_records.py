"""Provider records: who serves models, and what is known of them.

Revision 0005, after 0004. The rows are filled in by every upgrade, from the release's own file.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "providers",
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), comment="How people write it."),
        sa.Column("kind", sa.Text(), comment="lab, cloud, aggregator, local or registry; null: not known."),
        sa.Column("website", sa.Text()),
        sa.Column("documentation", sa.Text(), comment="Where its models are described."),
        sa.Column("api", sa.Text(), comment="The base URL of its API, where it is the same for everybody."),
        sa.Column(
            "protocol", sa.Text(), comment="Whose API it speaks: openai, anthropic, google, cohere, bedrock or azure."
        ),
        sa.Column("key_variable", sa.Text(), comment="The environment variable in which people keep its key."),
        sa.CheckConstraint(
            "kind in ('lab', 'cloud', 'aggregator', 'local', 'registry')", name=op.f("providers_kind_check")
        ),
        sa.PrimaryKeyConstraint("provider_id", name=op.f("providers_pkey")),
        schema="normalized",
        comment="What this release knows of each provider; the same in every registry.",
    )


def downgrade() -> None:
    op.drop_table("providers", schema="normalized")
