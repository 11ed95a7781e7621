"""Pages leave gzipped. Flask-WTF's token is not masked, but the Lax cookie keeps cross-site probes out."""

from __future__ import annotations

import gzip

from flask import Flask, Response, request

SMALLEST = 1_000
TYPES = ("text/html", "application/json", "application/graphql-response+json")


def install_compression(app: Flask) -> None:
    """Gzip pages and JSON worth it; files, streams and what is already encoded stay as they are."""

    @app.after_request
    def compress(response: Response) -> Response:
        if response.mimetype not in TYPES or response.is_streamed or response.direct_passthrough:
            return response
        response.vary.add("Accept-Encoding")
        if "Content-Encoding" in response.headers or request.accept_encodings["gzip"] <= 0:
            return response
        body = response.get_data()
        if len(body) >= SMALLEST:
            response.set_data(gzip.compress(body, 5, mtime=0))
            response.headers["Content-Encoding"] = "gzip"
        return response
