"""What a supervisor or load balancer asks: is the process alive, and can it do its work.

Anybody may ask, so the answer is found at most once in two seconds a process, however many ask.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from flask import Blueprint, Response, current_app, jsonify
from flask.blueprints import BlueprintSetupState

from alliance.platform.kernel.checking import Check, readiness
from alliance.platform.kernel.services import Services
from alliance.web.security.access import public
from alliance.web.security.current import services
from alliance.web.security.locale import current_locale

blueprint = Blueprint("health", __name__, url_prefix="/health")
KEPT_SECONDS = 2.0
_KEPT = "alliance_readiness"


@dataclass
class Readiness:
    """The last answer of a process, and until when it holds; one request at a time finds a new one."""

    checks: list[Check] = field(default_factory=list)
    until: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def find(self, asked: Services) -> list[Check]:
        """The checks as they stood within the last two seconds."""
        with self.lock:
            if time.monotonic() >= self.until:
                self.checks = readiness(asked)
                self.until = time.monotonic() + KEPT_SECONDS
            return self.checks


@blueprint.record_once
def keep_answers(state: BlueprintSetupState) -> None:
    """Give the application a place for its last answer."""
    state.app.extensions[_KEPT] = Readiness()


@blueprint.get("/live")
@public
def live() -> Response:
    """The process answers."""
    return jsonify(status="live")


@blueprint.get("/ready")
@public
def ready() -> tuple[Response, int]:
    """Whether this process may take requests; 503 with the names of what fails, without any detail of it."""
    kept: Readiness = current_app.extensions[_KEPT]
    checks = kept.find(services())
    good = all(check.holds for check in checks)
    locale = current_locale()
    body = {
        "status": "ready" if good else "unavailable",
        "checks": {check.name.render(locale): "ok" if check.holds else "failed" for check in checks},
    }
    return jsonify(body), 200 if good else 503
