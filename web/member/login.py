"""Before and around a session: the language."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from alliance.platform.kernel.texts import choose_locale
from alliance.web.security.access import public
from alliance.web.security.current import services
from alliance.web.security.forms import safe_next
from alliance.web.security.locale import remember_locale

blueprint = Blueprint("login", __name__)


@blueprint.post("/language")
@public
def choose_language() -> Response:
    """Show the pages in the chosen language from now on."""
    response = redirect(safe_next(request.form.get("next")), 303)
    remember_locale(response, choose_locale(request.form.get("locale")), secure=services().settings.secure_cookies)
    return response
