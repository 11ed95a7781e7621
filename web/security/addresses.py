"""Addresses of the present page."""

from __future__ import annotations

from typing import Any

from flask import request, url_for


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
