"""Each rule of the catalogue finds the fault it is there for: planted, reported, rolled back."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from isolation.catalogue import RULES, Catalogue, broken
from sqlalchemy import Column, MetaData, Table, Uuid

from alliance.platform.kernel import rls
from alliance.platform.kernel.columns import Visibility

WITH_POLICY = (
    "ALTER TABLE tenants.leak ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE tenants.leak FORCE ROW LEVEL SECURITY",
    f"CREATE POLICY scope ON tenants.leak USING ({rls.tenant_rule()}) WITH CHECK ({rls.tenant_rule()})",
)
TABLE = "CREATE TABLE tenants.leak (shop_id uuid NOT NULL, id uuid NOT NULL, {columns} PRIMARY KEY (shop_id, id))"
PARTITION = (
    "CREATE TABLE tenants.parted (shop_id uuid, id uuid, PRIMARY KEY (shop_id, id)) PARTITION BY HASH (shop_id)",
    "CREATE TABLE tenants.leak PARTITION OF tenants.parted FOR VALUES WITH (MODULUS 1, REMAINDER 0)",
)
PLAIN = TABLE.format(columns="")


@dataclass(frozen=True)
class Fault:
    """Statements that break one rule, and words that the rule's report must contain."""

    rule: str
    statements: tuple[str, ...]
    report: str


FAULTS = (
    Fault("policies_are_forced", (PLAIN,), "tenants.leak: row-level security is not enabled"),
    Fault("policies_are_forced", ("ALTER TABLE tenants.orders NO FORCE ROW LEVEL SECURITY",), "tenants.orders"),
    Fault("policies_are_forced", ("ALTER TABLE platform.shop DISABLE ROW LEVEL SECURITY",), "platform.shop"),
    Fault(
        "policies_are_forced",
        PARTITION,
        "tenants.leak: row-level security is not forced",
    ),
    Fault("policies_are_generated", ("DROP POLICY scope ON tenants.returns",), "tenants.returns: has the policies []"),
    Fault(
        "policies_are_generated",
        ("CREATE POLICY more ON tenants.returns USING (true)",),
        "tenants.returns: has the policies ['more', 'scope']",
    ),
    Fault(
        "policies_are_generated", ("ALTER POLICY scope ON tenants.unit USING (true)",), "tenants.unit: its policy scope"
    ),
    Fault(
        "policies_are_generated",
        (
            "DROP POLICY scope ON tenants.unit",
            f"CREATE POLICY scope ON tenants.unit FOR SELECT USING ({rls.tenant_rule()})",
        ),
        "tenants.unit: its policy scope",
    ),
    Fault(
        "policies_are_generated",
        ("ALTER POLICY scope_read ON platform.account USING (true)",),
        "platform.account: its policy scope_read",
    ),
    Fault("policies_are_generated", (PLAIN, *WITH_POLICY), "tenants.leak: is declared by no model"),
    Fault(
        "a_shop_row_begins_with_its_shop",
        ("CREATE TABLE tenants.leak (id uuid PRIMARY KEY)",),
        "tenants.leak: shop_id is not its first column",
    ),
    Fault(
        "a_shop_row_begins_with_its_shop",
        ("ALTER TABLE tenants.unit ALTER shop_id SET DEFAULT gen_random_uuid()",),
        "tenants.unit.shop_id: is uuid, required True, default gen_random_uuid()",
    ),
    Fault(
        "keys_of_a_shop_begin_with_the_shop",
        ("CREATE INDEX leak ON tenants.orders (number)",),
        "tenants.orders.leak: begins with number",
    ),
    Fault(
        "keys_of_a_shop_begin_with_the_shop",
        ("ALTER TABLE tenants.unit ADD CONSTRAINT leak UNIQUE (plate)",),
        "tenants.unit.leak: begins with plate",
    ),
    Fault(
        "keys_of_a_shop_begin_with_the_shop",
        ("CREATE INDEX leak ON tenants.orders (lower(number))",),
        "tenants.orders.leak: begins with an expression",
    ),
    Fault(
        "keys_of_a_shop_begin_with_the_shop",
        ("CREATE TABLE tenants.leak (shop_id uuid NOT NULL)",),
        "tenants.leak: has no primary key",
    ),
    Fault(
        "shared_keys_carry_their_owner",
        ("ALTER TABLE platform.site ADD CONSTRAINT leak UNIQUE (name)",),
        "platform.site.leak: unique over all owners; put alliance_id into it",
    ),
    Fault(
        "references_of_a_shop_stay_in_the_shop",
        ("ALTER TABLE tenants.unit ADD CONSTRAINT leak FOREIGN KEY (site_id) REFERENCES platform.site",),
        "tenants.unit.leak: refers by site_id to platform.site.id",
    ),
    Fault(
        "references_point_down",
        (
            "ALTER TABLE platform.licence_plate ADD unit_id uuid, ADD CONSTRAINT leak "
            "FOREIGN KEY (shop_id, unit_id) REFERENCES tenants.unit (shop_id, id)",
        ),
        "platform.licence_plate.leak: points up to tenants.unit",
    ),
    Fault(
        "references_point_down",
        (
            "ALTER TABLE tenants.order_line ADD CONSTRAINT leak FOREIGN KEY (shop_id, order_id) "
            "REFERENCES tenants.orders (shop_id, id) NOT VALID",
        ),
        "tenants.order_line.leak: was never validated",
    ),
    Fault(
        "deletes_do_not_spread_beyond_a_shop",
        (
            "ALTER TABLE platform.site ADD shop_id uuid, ADD CONSTRAINT leak FOREIGN KEY (shop_id) "
            "REFERENCES platform.shop ON DELETE CASCADE",
        ),
        "platform.site.leak: spreads",
    ),
    Fault("columns_have_plain_types", ("ALTER TABLE tenants.unit ADD leak numeric(12, 2)",), "tenants.unit.leak"),
    Fault("columns_have_plain_types", ("ALTER TABLE tenants.unit ADD leak varchar(9)",), "tenants.unit.leak"),
    Fault("columns_have_plain_types", ("ALTER TABLE tenants.unit ADD leak timestamp",), "tenants.unit.leak"),
    Fault(
        "columns_have_plain_types",
        ("ALTER TABLE tenants.unit ADD leak_minor integer",),
        "tenants.unit.leak_minor: money must be bigint",
    ),
    Fault("codes_are_checked", ("ALTER TABLE tenants.unit ADD leak_state text",), "tenants.unit.leak_state"),
    Fault(
        "indexes_compare_without_leaking",
        ("CREATE INDEX leak ON tenants.return_event USING gin (detail)",),
        "tenants.return_event.leak: compares by jsonb_contains",
    ),
    Fault(
        "ids_tell_no_volume",
        ("ALTER TABLE tenants.unit ADD leak bigint GENERATED ALWAYS AS IDENTITY",),
        "tenants.unit.leak: counts up",
    ),
    Fault("ids_tell_no_volume", ("CREATE SEQUENCE platform.leak",), "platform.leak: is a sequence"),
    Fault("nothing_is_granted_to_everyone", ("GRANT SELECT ON tenants.unit TO PUBLIC",), "relation tenants.unit"),
    Fault("nothing_is_granted_to_everyone", ("GRANT SELECT (id) ON tenants.unit TO PUBLIC",), "column tenants.unit.id"),
    Fault("nothing_is_granted_to_everyone", ("GRANT USAGE ON SCHEMA tenants TO PUBLIC",), "schema tenants"),
    Fault(
        "nothing_is_granted_to_everyone",
        ("CREATE FUNCTION platform.leak() RETURNS int LANGUAGE sql AS 'SELECT 1'",),
        "function platform.leak",
    ),
    Fault(
        "nothing_is_granted_to_everyone",
        ('ALTER DEFAULT PRIVILEGES IN SCHEMA tenants GRANT SELECT ON TABLES TO "{pool}"',),
        "what is made later",
    ),
    Fault("logins_have_no_power", ('ALTER ROLE "{app}" BYPASSRLS',), "{app}: has a power"),
    Fault("logins_have_no_power", ('ALTER ROLE "{pool}" CREATEROLE',), "{pool}: has a power"),
    Fault("logins_have_no_power", ('GRANT "{migrator}" TO "{app}"',), "{app}: is a member of {migrator}"),
    Fault(
        "the_migrator_stands_above_policies_and_no_higher",
        ('ALTER ROLE "{migrator}" NOBYPASSRLS',),
        "{migrator}: must be BYPASSRLS",
    ),
    Fault("logins_own_nothing", ('ALTER TABLE tenants.unit OWNER TO "{app}"',), "tenants.unit: belongs to {app}"),
    Fault("logins_make_nothing_lasting", ('GRANT CREATE ON SCHEMA tenants TO "{app}"',), "may create in tenants"),
    Fault("logins_make_nothing_lasting", ("GRANT CREATE ON SCHEMA public TO PUBLIC",), "may create in public"),
    Fault("tables_are_used_by_rows_only", ('GRANT TRUNCATE ON tenants.unit TO "{app}"',), "{app} may TRUNCATE"),
    Fault(
        "tables_are_used_by_rows_only",
        ('GRANT SELECT ON tenants.unit TO "{app}" WITH GRANT OPTION',),
        "tenants.unit: {app} may pass SELECT on",
    ),
    Fault(
        "tables_are_used_by_rows_only",
        ("CREATE ROLE leak_of_the_catalogue_test", "GRANT SELECT ON tenants.unit TO leak_of_the_catalogue_test"),
        "tenants.unit: SELECT is granted to leak_of_the_catalogue_test",
    ),
    Fault(
        "partitions_are_reached_through_their_parent",
        (
            *PARTITION,
            'GRANT SELECT ON tenants.leak TO "{app}"',
        ),
        "tenants.leak: a partition with SELECT for {app}",
    ),
    Fault("the_pool_never_reads_shops", ('GRANT USAGE ON SCHEMA tenants TO "{pool}"',), "may enter the schema"),
    Fault("the_pool_never_reads_shops", ('GRANT SELECT ON tenants.unit TO "{pool}"',), "tenants.unit: {pool}"),
    Fault(
        "the_app_never_reads_the_pool",
        ("CREATE TABLE pool.leak (id uuid PRIMARY KEY)", 'GRANT SELECT ON pool.leak TO "{app}"'),
        "pool.leak: {app} may SELECT",
    ),
    Fault(
        "what_only_grows_cannot_be_changed",
        ('GRANT DELETE ON platform.audit_entry TO "{app}"',),
        "platform.audit_entry: {app} may DELETE",
    ),
    Fault(
        "what_only_grows_cannot_be_changed",
        ('GRANT UPDATE (kind) ON tenants.return_event TO "{app}"',),
        "tenants.return_event.kind: {app} may UPDATE",
    ),
    Fault(
        "what_only_grows_cannot_be_changed",
        ("ALTER TABLE platform.audit_entry DISABLE TRIGGER append_only_row",),
        "platform.audit_entry: does not refuse changes",
    ),
    Fault("schemas_are_the_floors", ("CREATE SCHEMA leak",), "leak: is a schema of no floor"),
    Fault("schemas_are_the_floors", ("CREATE TABLE public.leak (id uuid)",), "public.leak"),
    Fault(
        "views_look_as_the_reader",
        ("CREATE VIEW tenants.leak AS SELECT * FROM tenants.orders",),
        "tenants.leak: is a view",
    ),
    Fault(
        "rows_are_stored_only_in_tables",
        ("CREATE MATERIALIZED VIEW tenants.leak AS SELECT * FROM tenants.orders",),
        "tenants.leak: is a materialised view",
    ),
    Fault(
        "rows_are_stored_only_in_tables",
        ("CREATE TABLE tenants.leak () INHERITS (tenants.orders)",),
        "tenants.leak: inherits",
    ),
    Fault(
        "functions_have_the_callers_rights",
        ("CREATE FUNCTION platform.new_id(int) RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",),
        "platform.new_id: runs with its owner's rights and the caller's search_path",
    ),
    Fault(
        "functions_have_the_callers_rights",
        ("CREATE FUNCTION platform.leak() RETURNS int LANGUAGE sql AS 'SELECT 1'",),
        "platform.leak: is not in the list",
    ),
    Fault(
        "shops_have_no_triggers",
        ("CREATE TRIGGER leak BEFORE UPDATE ON tenants.orders FOR EACH ROW EXECUTE FUNCTION platform.refuse_change()",),
        "tenants.orders.leak: is a trigger",
    ),
    Fault(
        "shops_have_no_triggers",
        ("CREATE RULE leak AS ON DELETE TO tenants.orders DO INSTEAD NOTHING",),
        "tenants.orders.leak: is a rewrite rule",
    ),
    Fault("no_enum_types", ("CREATE TYPE tenants.leak AS ENUM ('a')",), "tenants.leak: is an enum"),
    Fault("no_enum_types", ("CREATE DOMAIN tenants.leak AS text",), "tenants.leak: is a domain"),
    Fault("nothing_leads_out_of_the_database", ("CREATE PUBLICATION leak FOR TABLE tenants.orders",), "leak: is a pub"),
    Fault("nothing_leads_out_of_the_database", ("SELECT lo_create(0)",), "is a large object"),
    Fault(
        "models_tell_the_truth",
        ("ALTER TABLE tenants.returns DROP CONSTRAINT ck_returns_settlement_known",),
        "only in the models: tenants: returns constraint ck_returns_settlement_known",
    ),
    Fault(
        "models_tell_the_truth",
        ("ALTER TABLE tenants.returns ALTER method SET DEFAULT 'post'",),
        "only in the database: tenants: returns column method text default 'post'::text",
    ),
    Fault("migrations_leave_nothing_to_do", (PLAIN,), "remove_table"),
)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.rule}-{fault.report[:30]}")
def test_a_planted_fault_is_reported(catalogue: Catalogue, fault: Fault):
    names = {"app": catalogue.app, "pool": catalogue.pool, "migrator": catalogue.migrator}
    for statement in fault.statements:
        catalogue.connection.exec_driver_sql(statement.format(**names))
    reports = broken(catalogue, fault.rule).get(fault.rule, [])
    wanted = fault.report.format(**names)
    assert [report for report in reports if wanted in report], reports


def test_every_rule_has_a_planted_fault():
    assert {fault.rule for fault in FAULTS} == set(RULES)


def test_a_shared_table_without_a_visibility_is_reported(catalogue: Catalogue):
    catalogue.connection.exec_driver_sql("CREATE TABLE platform.leak (id uuid PRIMARY KEY)")
    declared = MetaData()
    Table("leak", declared, Column("id", Uuid, primary_key=True), schema="platform")
    silent = Catalogue(catalogue.connection, declared, catalogue.app, catalogue.pool, catalogue.migrator)
    assert "platform.leak: declares no visibility" in broken(silent, "policies_are_generated")["policies_are_generated"]


@pytest.mark.parametrize("visibility", list(Visibility))
def test_no_visibility_is_open_to_an_unset_scope_but_the_installations_own(visibility: Visibility):
    assert (rls.platform_rule(visibility) == "true") == (visibility is Visibility.INSTALLATION)
    assert rls.platform_check(visibility) != "true"


def test_the_direct_form_of_the_policy_holds_no_subselect_and_is_accepted(catalogue: Catalogue):
    rule = rls.tenant_rule(direct=True)
    assert "select" not in rule.lower()
    catalogue.connection.exec_driver_sql(f"ALTER POLICY scope ON tenants.unit USING ({rule}) WITH CHECK ({rule})")
