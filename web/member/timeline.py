"""A return's timeline: what was recorded, and the dates its source told, latest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from alliance.platform.kernel.texts import Text, _
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.names import find_actor_names
from alliance.tenants.returns.models import Return, ReturnEvent
from alliance.web.security.locale import current_locale

KINDS: Mapping[str, Text] = {
    "requested": _("顾客申请退货"),
    "imported": _("随文件导入"),
    "approved": _("已同意"),
    "rejected": _("已拒绝"),
    "cancelled": _("已取消"),
    "received": _("已收货"),
    "inspected": _("已验货"),
    "resolved": _("处理完成"),
}
CHANGED = _("内容有更新")


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a timeline; `actor` is '' where only the source told the date."""

    at: datetime
    words: Text
    actor: str = ""


def view_timeline(uow: UnitOfWork, record: Return, events: Sequence[ReturnEvent]) -> list[Happening]:
    """The events with the names of their actors in one query, and the return's own dates no event stands for."""
    names = find_actor_names(uow, {event.actor for event in events}, locale=current_locale())
    found = [Happening(event.at, KINDS.get(event.kind, CHANGED), names[event.actor]) for event in events]
    recorded = {event.kind for event in events}
    dates = {
        "requested": record.requested_at,
        "received": record.received_at,
        "resolved": record.resolved_at,
        "imported": record.created_at if record.import_id else None,
    }
    found += [Happening(at, KINDS[kind]) for kind, at in dates.items() if at and kind not in recorded]
    return sorted(found, key=lambda item: item.at, reverse=True)
