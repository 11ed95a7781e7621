"""The main pages in the side bar, and small helpers that templates need of the request."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app, request, url_for

from alliance.platform.kernel.texts import Text, _
from alliance.web.security.access import access_of
from alliance.web.security.addresses import this_page, url_with
from alliance.web.security.current import find_subject

MAIN = (
    ("workbench.show", "layout-dashboard", _("工作台")),
    ("returns.index", "undo-2", _("退货")),
    ("orders.index", "shopping-bag", _("订单")),
    ("products.index", "shirt", _("商品")),
    ("imports.index", "file-up", _("导入")),
    ("settings.index", "settings", _("设置")),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One link of the side bar."""

    url: str
    icon: str
    label: Text
    current: bool


def navigation() -> list[Entry]:
    """The main pages the caller may open, in their fixed order."""
    subject = find_subject()
    here = (request.endpoint or "").partition(".")[0]
    entries = []
    for endpoint, icon, label in MAIN:
        if endpoint not in current_app.view_functions:
            continue
        access = access_of(current_app, endpoint)
        if access and access.permission and (subject is None or access.permission not in subject.permissions):
            continue
        entries.append(Entry(url_for(endpoint), icon, label, endpoint.partition(".")[0] == here))
    return entries


def install_navigation(app: Flask) -> None:
    """Give the templates `navigation()`, `this_page()`, `url_with()` and `subject()`."""
    app.jinja_env.globals.update(navigation=navigation, this_page=this_page, url_with=url_with, subject=find_subject)
