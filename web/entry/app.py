"""The Flask application: composes what the other files define, and refuses to start with an unguarded route."""

from __future__ import annotations

import json
from pathlib import Path

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from alliance.platform.kernel.config import Settings
from alliance.platform.kernel.services import Services
from alliance.web.entry.assets import install_assets
from alliance.web.entry.blueprints import BLUEPRINTS
from alliance.web.entry.compression import install_compression
from alliance.web.entry.errors import install_errors
from alliance.web.entry.formats import finish, install_formats
from alliance.web.entry.navigation import install_navigation
from alliance.web.member.labels import install_labels
from alliance.web.security.access import assert_declared, register
from alliance.web.security.csrf import csrf_token, install_csrf
from alliance.web.security.headers import install_headers
from alliance.web.security.hosts import trusted_hosts
from alliance.web.security.sessions import TableSessions

ROOT = Path(__file__).parent.parent
MAX_FORM_BYTES = 1024 * 1024
HTMX = {
    "allowEval": False,
    "includeIndicatorStyles": False,
    "selfRequestsOnly": True,
    "historyCacheSize": 0,
    "responseHandling": [
        {"code": "204", "swap": False},
        {"code": "[23]..", "swap": True},
        {"code": "422", "swap": True},
        {"code": "[45]..", "swap": False, "error": True},
    ],
}


def create_app(services: Services) -> Flask:
    """The application over composed services. LookupError where a route declares no access."""
    # `alliance.web` is a namespace portion: Flask cannot find its folder by itself, and we keep nothing in an instance.
    app = Flask(
        "alliance.web",
        root_path=str(ROOT),
        instance_path=str(services.settings.alliance_home.resolve()),
        static_folder=None,
        template_folder=str(ROOT / "templates"),
    )
    app.extensions["services"] = services
    configure(app, services.settings)
    install_csrf(app)
    install_compression(app)
    install_headers(app, https=services.settings.secure_cookies)
    install_errors(app)
    install_formats(app)
    install_labels(app)
    install_navigation(app)
    install_assets(app)
    for blueprint in BLUEPRINTS:
        register(app, blueprint)
    assert_declared(app)
    return app


def configure(app: Flask, settings: Settings) -> None:
    """Limits, cookies, hosts, proxies and templates from the settings."""
    secret = settings.secret_key.get_secret_value()
    app.config.update(
        SECRET_KEY=secret,
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        MAX_CONTENT_LENGTH=MAX_FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_FORM_BYTES,
        MAX_FORM_PARTS=2_000,
        TRUSTED_HOSTS=trusted_hosts(settings),
    )
    app.session_interface = TableSessions(secret=secret, secure=settings.secure_cookies)
    app.jinja_options = {"finalize": finish, "undefined": StrictUndefined}
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(csrf_token=csrf_token, htmx_config=json.dumps(HTMX))
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]  # how Flask documents it
