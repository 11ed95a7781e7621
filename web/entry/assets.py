"""Style, script and pictures, served from the installed packages and `web/static` under the hash of their content.

Read and hashed once at start, gzipped once when first asked for; a browser may keep them for a year, since other bytes
have another address.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, request, url_for

from alliance.web.security.access import public, register

OWN = Path(__file__).parent.parent / "static"
BOOTSTRAP = "static/bootstrap5/css/bootstrap.min.css"
GRAPHIQL = "static/graphene_django_graphiql_static"
# name in our addresses: (package, path inside it)
PACKAGE_FILES = {
    "bootstrap.css": ("flask_bootstrap", BOOTSTRAP),
    "htmx.js": ("js_lib_htmx", "static/htmx/htmx.min.js"),
    "graphiql-base.css": ("graphene_django_graphiql_static", f"{GRAPHIQL}/graphiql.min.css"),
    "graphiql-base.js": ("graphene_django_graphiql_static", f"{GRAPHIQL}/graphiql.min.js"),
    "react.js": ("graphene_django_graphiql_static", f"{GRAPHIQL}/react.production.min.js"),
    "react-dom.js": ("graphene_django_graphiql_static", f"{GRAPHIQL}/react-dom.production.min.js"),
}
CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ttf": "font/ttf",
    ".woff2": "font/woff2",
}
CACHE = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    """One file ready to be sent. `digest` is the first 12 hex digits of its SHA-256."""

    content_type: str
    raw: bytes
    digest: str

    @cached_property
    def zipped(self) -> bytes:
        """The compressed bytes, made when first asked for: the large files are rarely asked for at all."""
        return gzip.compress(self.raw, 9, mtime=0)


def package_file(package: str, path: str) -> bytes:
    """A file of an installed package, without importing it. LookupError where package or file are not there."""
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        candidate = Path(folder) / path
        if candidate.is_file():
            return candidate.read_bytes()
    raise LookupError(f"the package {package} is not installed or ships no {path}")


def make_asset(name: str, raw: bytes) -> Asset:
    """An asset of these bytes; its type follows from the name. LookupError for a type we do not serve."""
    suffix = Path(name).suffix
    if suffix not in CONTENT_TYPES:
        raise LookupError(f"no content type is known for {name}")
    digest = hashlib.sha256(raw).hexdigest()[:12]
    return Asset(CONTENT_TYPES[suffix], raw, digest)


def load_assets() -> dict[str, Asset]:
    """Every asset by name."""
    found = {name: make_asset(name, package_file(*place)) for name, place in PACKAGE_FILES.items()}
    for path in sorted(OWN.iterdir()):
        found[path.name] = make_asset(path.name, path.read_bytes())
    return found


def install_assets(app: Flask) -> None:
    """Serve the assets at `/a/<digest>/<name>` and give templates `asset(name)`."""
    assets = load_assets()
    blueprint = Blueprint("assets", __name__)

    @blueprint.get("/a/<digest>/<name>")
    @public
    def serve(digest: str, name: str) -> Response:
        asset = assets.get(name)
        if asset is None or asset.digest != digest:
            abort(404)
        zipped = request.accept_encodings["gzip"] > 0
        response = Response(asset.zipped if zipped else asset.raw, content_type=asset.content_type)
        if zipped:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Cache-Control"] = CACHE
        response.vary.add("Accept-Encoding")
        return response

    def asset(name: str) -> str:
        return url_for("assets.serve", digest=assets[name].digest, name=name)

    register(app, blueprint)
    app.jinja_env.globals["asset"] = asset
