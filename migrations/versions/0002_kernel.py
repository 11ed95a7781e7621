"""Tables of the kernel: files, jobs, the outbox of events and the schedule."""

from __future__ import annotations

from alliance.migrations.ops import create_tables, drop_tables
from alliance.platform.kernel.files.models import File
from alliance.platform.kernel.jobs.models import Job
from alliance.platform.kernel.models import EventReceipt, OutboxEvent, ScheduleEntry

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MODELS = (File, Job, OutboxEvent, EventReceipt, ScheduleEntry)


def upgrade() -> None:
    """Create the tables with their policies."""
    create_tables(*MODELS)


def downgrade() -> None:
    """Drop them."""
    drop_tables(*MODELS)
