"""`GET /graphiql`: the query editor, offline, for whoever is logged in; it asks `/graphql` as the same person."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from alliance.web.security.access import logged_in
from alliance.web.security.headers import CONTENT_SECURITY_POLICY

blueprint = Blueprint("graphiql", __name__)

# The editor sets styles in markup and starts its language worker from a blob; scripts stay ours only.
RELAXED = {
    "style-src 'self'": "style-src 'self' 'unsafe-inline'",
    "font-src 'self'": "font-src 'self' data:",
    "object-src 'none'": "object-src 'none'; worker-src blob:",
}
EXAMPLE = """# Ctrl-Enter 运行 · run with Ctrl-Enter
query Returns($first: Int = 20) {
  viewer { activeShop { name } permissions }
  shop {
    returns(first: $first) {
      nodes { number requestedAt settlement refund { amount currency }
        lines { quantity reason { name } variant { sku } } }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""


@blueprint.get("/graphiql")
@logged_in
def show() -> Response:
    """The editor under its own, slightly wider content security policy."""
    page = Response(render_template("graphiql/editor.html", example=EXAMPLE), content_type="text/html; charset=utf-8")
    page.headers["Content-Security-Policy"] = relaxed_policy()
    return page


def relaxed_policy() -> str:
    """The strict policy of all pages with the editor's three exceptions. A missing part of it is a LookupError."""
    parts = CONTENT_SECURITY_POLICY.split("; ")
    missing = set(RELAXED) - set(parts)
    if missing:
        raise LookupError(f"the policy no longer has {sorted(missing)}")
    return "; ".join(RELAXED.get(part, part) for part in parts)
