"""The permission map, role by role, and the page made from it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest

from alliance.platform.kernel.errors import ForbiddenError
from alliance.platform.kernel.tenancy import alliance_scope, shop_scope, system_scope
from alliance.platform.members.roles import (
    OTHER_PERMISSIONS,
    PERMISSIONS,
    MemberRole,
    Permission,
    Role,
    permissions_of,
    require,
    require_system,
)
from alliance.platform.members.roles_table import render_roles

MATRIX = {
    "returns:read": "owner manager staff analyst auditor",
    "returns:write": "owner manager staff",
    "orders:read": "owner manager staff analyst auditor",
    "orders:write": "owner manager",
    "catalog:read": "owner manager staff analyst auditor",
    "catalog:write": "owner manager",
    "customers:read": "owner manager staff auditor",
    "customers:write": "owner manager",
    "suppliers:read": "owner manager staff analyst auditor",
    "suppliers:write": "owner manager",
    "imports:read": "owner manager staff analyst auditor",
    "imports:write": "owner manager",
    "kpis:read": "owner manager staff analyst auditor",
    "settings:read": "owner manager auditor",
    "settings:write": "owner manager",
    "members:read": "owner manager auditor",
    "members:write": "owner",
    "ownership:write": "owner",
    "audit:read": "owner manager auditor",
    "alliance:read": "coordinator",
    "alliance:write": "coordinator",
    "centre:read": "coordinator centre_staff",
    "centre:write": "centre_staff",
}


def work_of(scope):
    return SimpleNamespace(scope=scope)


@pytest.mark.parametrize("permission", list(Permission))
def test_each_permission_is_held_by_exactly_the_roles_of_the_matrix(permission):
    holders = {role.value for role in Role if permission in permissions_of(role)}
    assert holders == set(MATRIX[permission.value].split())


def test_every_role_stands_in_one_of_the_two_maps():
    assert {role.value for role in PERMISSIONS} | {role.value for role in OTHER_PERMISSIONS} == {r.value for r in Role}
    assert {role.value for role in PERMISSIONS} == {role.value for role in MemberRole}


def test_an_auditor_writes_nothing_and_an_analyst_sees_no_customer():
    assert not [p for p in PERMISSIONS[MemberRole.AUDITOR] if p.endswith(":write")]
    assert Permission.CUSTOMERS_READ not in PERMISSIONS[MemberRole.ANALYST]


@pytest.mark.parametrize("role", list(MemberRole))
@pytest.mark.parametrize("permission", list(Permission))
def test_require_refuses_exactly_what_the_role_does_not_hold(role, permission):
    work = work_of(shop_scope(uuid4(), permissions=frozenset(str(p) for p in permissions_of(role))))
    if role.value in MATRIX[permission.value].split():
        require(work, permission)
    else:
        with pytest.raises(ForbiddenError):
            require(work, permission)


def test_a_scope_without_permissions_may_do_nothing_and_the_system_all():
    with pytest.raises(ForbiddenError):
        require(work_of(shop_scope(uuid4())), Permission.RETURNS_READ)
    require(work_of(system_scope("test")), Permission.OWNERSHIP_WRITE)


def test_only_the_system_scope_passes_for_the_system():
    require_system(work_of(system_scope("test")))
    owner = frozenset(str(p) for p in permissions_of(Role.OWNER))
    for scope in (shop_scope(uuid4(), permissions=owner), alliance_scope(uuid4(), permissions=owner)):
        with pytest.raises(ForbiddenError):
            require_system(work_of(scope))


def test_the_documented_table_is_the_map():
    assert (Path(__file__).parents[2] / "docs" / "roles.md").read_text(encoding="utf-8") == render_roles()
