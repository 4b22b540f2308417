"""`/watch/<id>`, the page of those who watch, and the QR codes of links."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request

from server.settings import Settings
from server.web.sharing.links import qr_svg
from server.web.sharing.registry import Shares


def blueprint(settings: Settings, shares: Shares) -> Blueprint:
    """The page and the drawings; neither is kept anywhere, and no search engine shall list them."""
    routes = Blueprint("sharing", __name__)

    @routes.get("/watch/<identity>")
    def watch(identity: str) -> Response:
        known = identity in shares
        response = make_response(render_template("watch.html", known=known), 200 if known else 404)
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    @routes.get("/api/v1/qr.svg")
    def qr() -> Response:
        return Response(qr_svg(settings, request.args.get("path", "")), content_type="image/svg+xml")

    return routes
