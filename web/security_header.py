"""Headers that tell the browser what our pages may do. No inline script, no eval, no frames."""

from __future__ import annotations

from flask import Flask, Response, request

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; worker-src 'self'; object-src 'none'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=()",
}


def register(app: Flask, *, secure: bool) -> None:
    """Put the headers on every answer of ``app``; HSTS only behind TLS."""
    fixed = [*HEADERS.items()]
    if secure:
        fixed.append(("Strict-Transport-Security", "max-age=31536000"))

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers.extend(fixed)  # no handler sets one of them itself
        if request.path.startswith("/api/") and "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        return response
