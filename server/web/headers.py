"""Security headers: what a page may load and do."""

from __future__ import annotations

from flask import Flask, Response, request

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' blob: data:",
    "media-src": "'self' blob:",
    "font-src": "'self'",
    "worker-src": "'self'",
    "manifest-src": "'self'",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), display-capture=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def content_security_policy(host: str, secure: bool) -> str:
    """The policy of a page served as `host`; older browsers do not count a web socket as 'self', so it is named."""
    policy = POLICY | {"connect-src": f"{POLICY['connect-src']} {'wss' if secure else 'ws'}://{host}"}
    return "; ".join(f"{directive} {sources}" for directive, sources in policy.items())


def _add(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", content_security_policy(request.host, request.is_secure))
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    # Pages and scripts are asked for again each time (with their ETag), so that an update is seen at once.
    ours = request.endpoint == "static" or request.blueprint == "pages"
    response.headers.setdefault("Cache-Control", "no-cache" if ours else "no-store")
    return response


def add_headers(app: Flask) -> None:
    """Put the security headers on every answer of the app."""
    app.after_request(_add)
