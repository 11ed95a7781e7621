"""Row-level security, generated for every table from what the table declares.

A table has one policy where whoever sees a row may write it. Where others only read, it has one a command: what may
be changed or removed follows the rule for writing, never the one for seeing.

`(select current_setting(...))` is evaluated once a statement; a distributed PostgreSQL refuses the sub-select, so the
same generator has a `direct` form. ENABLE and FORCE always come together: without FORCE the owner would see all.
"""

from __future__ import annotations

from sqlalchemy import Table

from alliance.platform.kernel.columns import Visibility

POLICY = "scope"
SYSTEM = "(select current_setting('alliance.system', true)) = 'on'"


def setting(name: str, *, direct: bool = False) -> str:
    """SQL for the uuid of a scope setting; NULL, hence no row, where it is unset or empty."""
    value = f"nullif(current_setting('alliance.{name}', true), '')::uuid"
    return value if direct else f"(select {value})"


SCOPES = ", ".join(setting(name) for name in ("shop_id", "alliance_id", "site_id"))
# A customer's scope names the shop too, but is no member of it: people and grants stay hidden.
MEMBER = f"{setting('customer_id')} IS NULL"
ALLIED = (
    "SELECT shop_id FROM platform.alliance_membership "  # noqa: S608 (only our own constants)
    f"WHERE alliance_id = {setting('alliance_id')} AND left_at IS NULL"
)
# A member shop's scope names its alliance too; the alliance's own rows are its coordinators' to write.
ITSELF = f"alliance_id = {setting('alliance_id')} AND {setting('shop_id')} IS NULL"
GRANTED = (
    "SELECT scope_id FROM platform.access_grant "  # noqa: S608 (only our own constants)
    f"WHERE scope_kind = 'shop' AND account_id = {setting('account_id')} AND until IS NULL"
)
# Those whose grant has ended stay visible, so that old entries still have a name.
COLLEAGUES = f"SELECT account_id FROM platform.access_grant WHERE scope_id IN ({SCOPES})"  # noqa: S608 (constants)


def tenant_rule(*, direct: bool = False) -> str:
    """The only rule of the `tenants` schema: the row's shop is the scope's shop. No system exception.

    A customer's scope names its shop too and is no member of it: to it these tables are empty.
    """
    customer, shop = (setting(name, direct=True) for name in ("customer_id", "shop_id"))
    member = f"CASE WHEN {customer} IS NULL THEN {shop} END"
    return f"shop_id = {member}" if direct else f"shop_id = (select {member})"


def platform_rule(visibility: Visibility) -> str:
    """Who sees a shared row, the system scope always included."""
    match visibility:
        case Visibility.INSTALLATION:
            return "true"
        case Visibility.SYSTEM:
            return SYSTEM
        case Visibility.PARTIES:
            shop = setting("shop_id")
            return f"giver_shop_id = {shop} OR taker_shop_id = {shop} OR {SYSTEM}"
        case Visibility.GRANT:
            return f"account_id = {setting('account_id')} OR ({MEMBER} AND scope_id IN ({SCOPES})) OR {SYSTEM}"
        case Visibility.PERSON:
            # The look-up last: alternatives are tried in order, and a session's caller is read as the system.
            return f"id = {setting('account_id')} OR {SYSTEM} OR ({MEMBER} AND id IN ({COLLEAGUES}))"
        case Visibility.MEMBER_SHOP:
            return f"id = {setting('shop_id')} OR {SYSTEM} OR id IN ({ALLIED}) OR id IN ({GRANTED})"
        case Visibility.OWN_ALLIANCE:
            return f"id = {setting('alliance_id')} OR {SYSTEM}"
        case Visibility.MEMBERSHIP:
            return f"shop_id = {setting('shop_id')} OR alliance_id = {setting('alliance_id')} OR {SYSTEM}"
        case Visibility.AUDIT:
            return f"shop_id = {setting('shop_id')} OR (shop_id IS NULL AND {ITSELF}) OR {SYSTEM}"
        case _:
            column = f"{visibility.value}_id"
            return f"{column} = {setting(column)} OR {SYSTEM}"


def platform_check(visibility: Visibility) -> str:
    """Who may write a shared row: who sees it, but for rows that others only read, and rights nobody gives himself."""
    match visibility:
        case Visibility.INSTALLATION | Visibility.OWN_ALLIANCE | Visibility.MEMBERSHIP:
            return SYSTEM
        case Visibility.GRANT:
            # A shop gives its own roles; coordinators, centre staff and the rest are the operator's to name.
            return f"({MEMBER} AND scope_kind = 'shop' AND scope_id = {setting('shop_id')}) OR {SYSTEM}"
        case Visibility.PERSON:
            return f"id = {setting('account_id')} OR {SYSTEM}"
        case Visibility.MEMBER_SHOP:
            return f"id = {setting('shop_id')} OR {SYSTEM}"
        case Visibility.ALLIANCE:
            return f"({ITSELF}) OR {SYSTEM}"
        case _:
            return platform_rule(visibility)


def statements(table: Table, *, direct: bool = False) -> list[str]:
    """The DDL that puts a table under its policies. Refuses a shared table without a visibility with LookupError."""
    name = full_name(table)
    force = [f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY", f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY"]
    made = [f"CREATE POLICY {policy} ON {name} {rule}" for policy, rule in policies(table, direct=direct).items()]
    return [*force, *made]


def full_name(table: Table) -> str:
    """The table's name with its schema, quoted."""
    return f'{table.schema}."{table.name}"'


def policies(table: Table, *, direct: bool = False) -> dict[str, str]:
    """The table's policies by name: the command each is for, and its rules. LookupError as in `statements`."""
    if table.schema == "tenants":
        rule = check = tenant_rule(direct=direct)
    else:
        visibility = table.info.get("visibility")
        if visibility is None:
            raise LookupError(f"{full_name(table)} declares no visibility")
        rule, check = platform_rule(visibility), platform_check(visibility)
    if rule == check:
        return {POLICY: f"USING ({rule}) WITH CHECK ({rule})"}
    return {
        f"{POLICY}_read": f"FOR SELECT USING ({rule})",
        f"{POLICY}_add": f"FOR INSERT WITH CHECK ({check})",
        f"{POLICY}_change": f"FOR UPDATE USING ({check}) WITH CHECK ({check})",
        f"{POLICY}_remove": f"FOR DELETE USING ({check})",
    }
