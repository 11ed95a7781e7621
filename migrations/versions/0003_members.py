"""Tables of members, auth and audit: who takes part, how they log in, and what was done."""

from __future__ import annotations

from alembic import op

from alliance.migrations.ops import append_only, create_tables, drop_tables
from alliance.platform.audit.models import AuditEntry
from alliance.platform.auth.models import Credential, KnownDevice, LoginSession, LoginThrottle
from alliance.platform.members.models import AccessGrant, Account, Alliance, AllianceMembership, LegalGroup, Shop

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

REFUSE_CHANGE = """
CREATE FUNCTION platform.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'platform.% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$
"""
# Rows of these end by a date; the app may not delete them.
DATED = (LegalGroup, Alliance, Shop, AllianceMembership, Account, AccessGrant)
LOGIN = (Credential, LoginSession, KnownDevice, LoginThrottle)


def upgrade() -> None:
    """Create the tables with their policies; the audit can only grow."""
    op.execute(REFUSE_CHANGE)
    op.execute("REVOKE ALL ON FUNCTION platform.refuse_change() FROM PUBLIC")
    create_tables(*DATED, privileges="SELECT, INSERT, UPDATE")
    create_tables(*LOGIN)
    create_tables(AuditEntry, privileges="SELECT, INSERT")
    append_only(AuditEntry)


def downgrade() -> None:
    """Drop them."""
    drop_tables(*DATED, *LOGIN, AuditEntry)
    op.execute("DROP FUNCTION platform.refuse_change()")
