"""Names of documents: a list may lie in several named files, which say whose models they hold.

Revision 0007, after 0006.
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table raw.dumps add column document_names text[]")
    op.execute("comment on column raw.dumps.document_names is 'Of each document, where the list lies in named files.'")


def downgrade() -> None:
    op.execute("alter table raw.dumps drop column document_names")
