"""Imports of files, their problems, and the mappings a shop has used."""

from __future__ import annotations

from alliance.migrations.ops import create_tables, drop_tables
from alliance.tenants.importing.models import Import, ImportMapping, ImportProblem, ImportProblemGroup

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = (Import, ImportProblemGroup, ImportProblem, ImportMapping)


def upgrade() -> None:
    """Create the tables with their policies."""
    create_tables(*TABLES)


def downgrade() -> None:
    """Drop them."""
    drop_tables(*TABLES)
