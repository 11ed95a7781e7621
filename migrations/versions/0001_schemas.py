"""The three schemas, who may enter them, and the id function that works on every supported PostgreSQL."""

from __future__ import annotations

from alembic import op

from alliance.migrations.ops import execute_all, role

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# RFC 9562 version 7: 48 bits of milliseconds, then version, variant and random bits. PostgreSQL 18 has it built in.
NEW_ID = """
CREATE FUNCTION platform.new_id() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT encode(
        set_bit(set_bit(
            overlay(uuid_send(gen_random_uuid())
                    PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
                    FROM 1 FOR 6),
            52, 1), 53, 1),
        'hex')::uuid
$$
"""
NEW_ID_18 = "CREATE FUNCTION platform.new_id() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS 'SELECT uuidv7()'"


def upgrade() -> None:
    """Make the schemas; the app sees `platform` and `tenants`, the pool login sees `platform` and `pool`."""
    execute_all(f"CREATE SCHEMA {name}" for name in ("platform", "tenants", "pool"))
    execute_all(f"GRANT USAGE ON SCHEMA {name} TO {role('app')}" for name in ("platform", "tenants", "pool"))
    execute_all(f"GRANT USAGE ON SCHEMA {name} TO {role('pool')}" for name in ("platform", "pool"))
    op.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    # The readiness check of a process compares the database's revision with its own.
    op.execute(f"GRANT USAGE ON SCHEMA public TO {role('app')}")
    op.execute(f"GRANT SELECT ON public.schema_version TO {role('app')}")
    version = op.get_bind().dialect.server_version_info or (0,)
    op.execute(NEW_ID_18 if int(version[0]) >= 18 else NEW_ID)
    op.execute("REVOKE ALL ON FUNCTION platform.new_id() FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION platform.new_id() TO {role('app')}, {role('pool')}")


def downgrade() -> None:
    """Drop the schemas; later migrations have emptied them by then."""
    op.execute("DROP FUNCTION platform.new_id()")
    execute_all(f"DROP SCHEMA {name}" for name in ("pool", "tenants", "platform"))
