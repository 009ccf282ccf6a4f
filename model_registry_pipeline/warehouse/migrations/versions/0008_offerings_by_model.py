"""One index finds an offering by its pair, with its source and without, where there were two.

Revision 0008, after 0007.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLE = "normalized.offerings"


def upgrade() -> None:
    op.execute(
        f"alter table {TABLE} add constraint offerings_model_id_provider_id_source_key "
        "unique (model_id, provider_id, source)"
    )
    op.execute(f"create index offerings_source_idx on {TABLE} (source)")
    op.execute(f"alter table {TABLE} drop constraint offerings_source_provider_id_model_id_key")
    op.execute("drop index normalized.offerings_provider_id_model_id_idx")


def downgrade() -> None:
    op.execute(
        f"alter table {TABLE} add constraint offerings_source_provider_id_model_id_key "
        "unique (source, provider_id, model_id)"
    )
    op.execute(f"create index offerings_provider_id_model_id_idx on {TABLE} (provider_id, model_id)")
    op.execute(f"alter table {TABLE} drop constraint offerings_model_id_provider_id_source_key")
    op.execute("drop index normalized.offerings_source_idx")
