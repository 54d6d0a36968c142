"""Name of a signed-in browser, and its last use."""

import sqlalchemy as sa
from alembic import op

from api.db.models import UtcTime

revision = "0004_named_sign_ins"
down_revision = "0003_repeats"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.add_column(sa.Column("name", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("last_used_at", UtcTime(), nullable=True))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.drop_column("last_used_at")
        batch_op.drop_column("name")
