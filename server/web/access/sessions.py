"""Sessions: Flask's signed cookie, told by what it holds how long it lasts and where it may travel."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin

OWNER_DAYS = 30
DEVICE_DAYS = 400
"""The most that browsers keep a cookie; a kiosk's page renews it whenever it is loaded."""


class Sessions(SecureCookieSessionInterface):
    """Cookies that no script reads and no other site's page sends, over TLS alone where there is TLS."""

    def __init__(self, key: Callable[[], bytes]) -> None:
        """key: what cookies are signed with now."""
        self._key_now = key

    def get_signing_serializer(self, app: Flask) -> Any:
        app.secret_key = self._key_now()
        return super().get_signing_serializer(app)

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure

    def get_expiration_time(self, app: Flask, session: SessionMixin) -> datetime | None:
        days = DEVICE_DAYS if "device" in session else OWNER_DAYS if "owner" in session else None
        return datetime.now(UTC) + timedelta(days=days) if days else None


def keep_sessions(app: Flask, key: Callable[[], bytes]) -> None:
    """Give an app its sessions."""
    app.session_interface = Sessions(key)
    app.config.update(
        # Cookies know no ports: another program on this machine may well call its own `session`.
        SESSION_COOKIE_NAME="maskgate",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        PERMANENT_SESSION_LIFETIME=timedelta(days=DEVICE_DAYS),
        SESSION_REFRESH_EACH_REQUEST=False,
    )
