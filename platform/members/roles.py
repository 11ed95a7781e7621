"""Who may do what: one list of permissions, one map from roles to them, one function that asks."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from alliance.platform.kernel.errors import ForbiddenError
from alliance.platform.kernel.tenancy import Scope, ScopeKind
from alliance.platform.kernel.work import UnitOfWork


class Permission(StrEnum):
    """One thing a caller may do, `<area>:<read or write>`; grep for the member to find every place that asks."""

    RETURNS_READ = "returns:read"
    RETURNS_WRITE = "returns:write"
    ORDERS_READ = "orders:read"
    ORDERS_WRITE = "orders:write"
    CATALOG_READ = "catalog:read"
    CATALOG_WRITE = "catalog:write"
    CUSTOMERS_READ = "customers:read"
    CUSTOMERS_WRITE = "customers:write"
    SUPPLIERS_READ = "suppliers:read"
    SUPPLIERS_WRITE = "suppliers:write"
    IMPORTS_READ = "imports:read"
    IMPORTS_WRITE = "imports:write"
    KPIS_READ = "kpis:read"
    SETTINGS_READ = "settings:read"
    SETTINGS_WRITE = "settings:write"
    MEMBERS_READ = "members:read"
    MEMBERS_WRITE = "members:write"
    OWNERSHIP_WRITE = "ownership:write"
    AUDIT_READ = "audit:read"
    ALLIANCE_READ = "alliance:read"
    ALLIANCE_WRITE = "alliance:write"
    CENTRE_READ = "centre:read"
    CENTRE_WRITE = "centre:write"


class MemberRole(StrEnum):
    """A person's role in one shop."""

    OWNER = "owner"
    MANAGER = "manager"
    STAFF = "staff"
    ANALYST = "analyst"
    AUDITOR = "auditor"


class Role(StrEnum):
    """Every role a grant may carry: the five of a shop, and one each for the other scopes."""

    OWNER = MemberRole.OWNER.value
    MANAGER = MemberRole.MANAGER.value
    STAFF = MemberRole.STAFF.value
    ANALYST = MemberRole.ANALYST.value
    AUDITOR = MemberRole.AUDITOR.value
    COORDINATOR = "coordinator"
    CENTRE_STAFF = "centre_staff"
    SUPPLIER = "supplier"
    OPERATOR = "operator"


P = Permission
_OTHER_SCOPES = frozenset({P.ALLIANCE_READ, P.ALLIANCE_WRITE, P.CENTRE_READ, P.CENTRE_WRITE})
_OWNER = frozenset(Permission) - _OTHER_SCOPES

# What a role may do in its shop. An analyst sees figures and no customer; an auditor reads all and writes nothing.
PERMISSIONS: Mapping[MemberRole, frozenset[Permission]] = {
    MemberRole.OWNER: _OWNER,
    MemberRole.MANAGER: _OWNER - {P.MEMBERS_WRITE, P.OWNERSHIP_WRITE},
    MemberRole.STAFF: frozenset(
        {
            P.RETURNS_READ,
            P.RETURNS_WRITE,
            P.ORDERS_READ,
            P.CATALOG_READ,
            P.CUSTOMERS_READ,
            P.SUPPLIERS_READ,
            P.IMPORTS_READ,
            P.KPIS_READ,
        }
    ),
    MemberRole.ANALYST: frozenset(
        {P.RETURNS_READ, P.ORDERS_READ, P.CATALOG_READ, P.SUPPLIERS_READ, P.IMPORTS_READ, P.KPIS_READ}
    ),
    MemberRole.AUDITOR: frozenset(permission for permission in _OWNER if permission.endswith(":read")),
}

# What the roles outside a shop may do in their alliance, at their site, for their supplier, in the installation.
OTHER_PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.COORDINATOR: frozenset({P.ALLIANCE_READ, P.ALLIANCE_WRITE, P.CENTRE_READ}),
    Role.CENTRE_STAFF: frozenset({P.CENTRE_READ, P.CENTRE_WRITE}),
    Role.SUPPLIER: frozenset(),
    Role.OPERATOR: frozenset(),
}


def permissions_of(role: Role | MemberRole | str) -> frozenset[Permission]:
    """What a role may do in the scope it was given for. An unknown role is a ValueError."""
    known = Role(role)
    if known in OTHER_PERMISSIONS:
        return OTHER_PERMISSIONS[known]
    return PERMISSIONS[MemberRole(known.value)]


def is_allowed(scope: Scope, permission: Permission) -> bool:
    """Whether the scope's actor may do this. The system scope may do all: its few callers are listed."""
    return scope.kind is ScopeKind.SYSTEM or permission.value in scope.permissions


def require(uow: UnitOfWork, permission: Permission) -> None:
    """Go on only if the unit of work's actor may do this; else ForbiddenError and nothing has happened."""
    if not is_allowed(uow.scope, permission):
        raise ForbiddenError


def require_system(uow: UnitOfWork) -> None:
    """Go on only in the system scope: commands of the installation's operator. Else ForbiddenError."""
    if uow.scope.kind is not ScopeKind.SYSTEM:
        raise ForbiddenError
