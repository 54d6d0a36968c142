"""Repeats: analyses of clips in which a person does the same thing again."""

import sqlalchemy as sa
from alembic import op

revision = "0003_repeats"
down_revision = "0002_sessions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward. The table is not rebuilt: in SQLite that would delete what refers to its rows."""
    op.add_column("analyses", sa.Column("repeat_of", sa.String(), nullable=True))
    op.create_index("ix_analyses_repeat_of", "analyses", ["repeat_of"], unique=False)


def downgrade() -> None:
    """Go back."""
    op.drop_index("ix_analyses_repeat_of", table_name="analyses")
    op.drop_column("analyses", "repeat_of")
