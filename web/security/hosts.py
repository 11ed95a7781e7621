"""Which names this installation answers to. Any other Host header is refused, so that no link can be made to lie."""

from __future__ import annotations

from urllib.parse import urlsplit

from alliance.platform.kernel.config import Settings

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def trusted_hosts(settings: Settings) -> list[str]:
    """The host of PUBLIC_URL, those of ALLOWED_HOSTS (a leading dot takes sub-domains), and loopback."""
    named = [host.strip() for host in settings.allowed_hosts.split(",") if host.strip()]
    public = urlsplit(settings.public_url).hostname
    return [*dict.fromkeys([*LOOPBACK, *([public] if public else []), *named])]
