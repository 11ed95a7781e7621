"""Every blueprint of the application, in one list; `app.create_app` puts the access check in front of each."""

from __future__ import annotations

from alliance.web.member import login

BLUEPRINTS = (login.blueprint,)
