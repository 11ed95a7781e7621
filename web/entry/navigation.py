"""The main pages in the side bar, and small helpers that templates need of the request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request, url_for

from alliance.platform.kernel.texts import Text, _
from alliance.web.security.access import access_of
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


def this_page() -> str:
    """The path to come back to: of this page if it was got, of the first page after a post."""
    return request.full_path.rstrip("?") if request.method == "GET" else "/"


def url_with(**changes: Any) -> str:
    """This page's path with changed query arguments; None takes one out, a list repeats it."""
    arguments = {name: request.args.getlist(name) for name in request.args}
    for name, value in changes.items():
        arguments[name] = list(value) if isinstance(value, (list, tuple)) else [] if value is None else [str(value)]
    kept = {name: values for name, values in arguments.items() if values}
    return url_for(request.endpoint or "workbench.show", **{**(request.view_args or {}), **kept})


def install_navigation(app: Flask) -> None:
    """Give the templates `navigation()`, `this_page()`, `url_with()` and `subject()`."""
    app.jinja_env.globals.update(navigation=navigation, this_page=this_page, url_with=url_with, subject=find_subject)
