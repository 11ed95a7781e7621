"""What a supervisor or load balancer asks: is the process alive, and can it do its work."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from alliance.platform.kernel.checking import readiness
from alliance.web.security.access import public
from alliance.web.security.current import services
from alliance.web.security.locale import current_locale

blueprint = Blueprint("health", __name__, url_prefix="/health")


@blueprint.get("/live")
@public
def live() -> Response:
    """The process answers."""
    return jsonify(status="live")


@blueprint.get("/ready")
@public
def ready() -> tuple[Response, int]:
    """Whether this process may take requests; 503 with the names of what fails, without any detail of it."""
    checks = readiness(services())
    good = all(check.holds for check in checks)
    locale = current_locale()
    body = {
        "status": "ready" if good else "unavailable",
        "checks": {check.name.render(locale): "ok" if check.holds else "failed" for check in checks},
    }
    return jsonify(body), 200 if good else 503
