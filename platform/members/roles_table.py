"""The permission map as the table that the documentation shows; a test compares the two."""

from __future__ import annotations

from collections.abc import Iterable

from alliance.platform.members.roles import OTHER_PERMISSIONS, PERMISSIONS, Permission, permissions_of

ROLE_NAMES = {
    "owner": "owner 店主",
    "manager": "manager 店长",
    "staff": "staff 店员",
    "analyst": "analyst 分析",
    "auditor": "auditor 审计",
    "coordinator": "coordinator 联盟管理员",
    "centre_staff": "centre staff 中心员工",
    "supplier": "supplier 供应商",
    "operator": "operator 运营方",
}
HEAD = """# Roles

Made from `platform/members/roles.py` by `alliance members roles`; do not edit. A person has one role in a shop and may
have roles in several shops, one of which is active. `r` is reading, `w` writing.
"""


def render_roles() -> str:
    """The whole page in Markdown, ending in a newline."""
    areas = list(dict.fromkeys(permission.value.split(":")[0] for permission in Permission))
    shop = _table(areas, [role.value for role in PERMISSIONS])
    others = _table(areas, [role.value for role in OTHER_PERMISSIONS])
    return f"{HEAD}\n## In a shop\n\n{shop}\n\n## Elsewhere\n\n{others}\n"


def _table(areas: Iterable[str], roles: list[str]) -> str:
    head = ["", *[ROLE_NAMES[role] for role in roles]]
    rows = [[area, *[_cell(area, role) for role in roles]] for area in areas]
    kept = [row for row in rows if any(row[1:])]
    return "\n".join(_line(row) for row in [head, ["---"] * len(head), *kept])


def _cell(area: str, role: str) -> str:
    held = {permission.value for permission in permissions_of(role)}
    return " ".join(sign for sign, deed in (("r", "read"), ("w", "write")) if f"{area}:{deed}" in held)


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"
