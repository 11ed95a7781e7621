"""The application for a WSGI server: `granian --interface wsgi alliance.web.entry.wsgi:app`."""

from __future__ import annotations

from alliance.platform.kernel.config import load_settings
from alliance.platform.kernel.services import open_services
from alliance.web.entry.app import create_app

app = create_app(open_services(load_settings()))
