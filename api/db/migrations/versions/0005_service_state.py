"""What the service knows of itself, and deletions that are not complete."""

import sqlalchemy as sa
from alembic import op

from api.db.models import UtcTime

revision = "0005_service_state"
down_revision = "0004_named_sign_ins"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "service_state",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_service_state")),
    )
    op.create_table(
        "pending_deletions",
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_pending_deletions")),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("pending_deletions")
    op.drop_table("service_state")
