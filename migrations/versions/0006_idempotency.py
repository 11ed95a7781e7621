"""First answers to repeatable requests, so that a repeat changes nothing again."""

from __future__ import annotations

from alliance.migrations.ops import create_tables, drop_tables
from alliance.platform.kernel.idempotency.models import FirstAnswer

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table with its policy."""
    create_tables(FirstAnswer)


def downgrade() -> None:
    """Drop it."""
    drop_tables(FirstAnswer)
