"""What a worker waits for, and batches that were deleted while they have analyses."""

import sqlalchemy as sa
from alembic import op

from api.db.models import UtcTime

revision = "0006_waiting_workers"
down_revision = "0005_service_state"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("workers", sa.Column("waits_for", sa.String(), nullable=True))
    op.add_column("batches", sa.Column("deleted_at", UtcTime(), nullable=True))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("batches") as batch_op:
        batch_op.drop_column("deleted_at")
    with op.batch_alter_table("workers") as batch_op:
        batch_op.drop_column("waits_for")
