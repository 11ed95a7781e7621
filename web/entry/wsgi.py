"""The application for a WSGI server: `granian --interface wsgi alliance.web.entry.wsgi:app`."""

from __future__ import annotations

from alliance.platform.kernel.config import load_settings
from alliance.platform.kernel.logging import configure_logging
from alliance.platform.kernel.services import open_services
from alliance.web.entry.app import create_app
from alliance.web.entry.wiring import wire

settings = load_settings()
configure_logging(settings)
wire()
app = create_app(open_services(settings))
