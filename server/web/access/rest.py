"""REST of the guest links: the owner makes them, sees them and ends them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, request, url_for

from server.vision.messages import Refusal
from server.web.access.guests import Guests, Link


def blueprint(guests: Guests, public_url: str | None) -> Blueprint:
    """`/api/v1/guests`."""
    routes = Blueprint("guests", __name__, url_prefix="/api/v1/guests")

    def shown(link: Link) -> dict[str, Any]:
        path = url_for("access.guest", id=link.id)
        expires = datetime.fromtimestamp(link.expires_at, UTC).isoformat(timespec="seconds")
        return {
            "id": link.id,
            "url": (public_url or request.host_url.rstrip("/")) + path,
            "expires_at": expires.replace("+00:00", "Z"),
            "live": len(link.sockets),
        }

    @routes.get("")
    def links() -> list[dict[str, Any]]:
        return [shown(link) for link in guests.live()]

    @routes.post("")
    def create() -> tuple[dict[str, Any], int]:
        return shown(guests.create()), 201

    @routes.delete("/<id>")
    def revoke(id: str) -> tuple[str, int]:  # noqa: A002 - what it is
        if not guests.revoke(id):
            raise Refusal("unknown_link", "There is no such guest link, or it has ended already.")
        return "", 204

    return routes
