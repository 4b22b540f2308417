"""Who asks, and by what right: the one place that decides it, for pages, REST and sockets alike."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from flask import request, session

from server.settings import LOOPBACK, Settings, SettingsError, variable
from server.vision.messages import Refusal
from server.web.access.guests import Guests, ended
from server.web.access.passwords import Passwords, runner
from server.web.access.sessions import OWNER_DAYS
from server.web.access.signouts import SignOuts
from server.web.access.state import StateError, StateFolder
from server.web.access.throttle import Throttle
from server.web.access.tokens import Tokens

log = logging.getLogger(__name__)

DAY = 86_400


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who may do something.

    id: of the owner's session, of the device's token or of the guest's link. mark: of the password that the owner
    gave; None where none was needed. since: when, in seconds since 1970.
    """

    kind: Literal["owner", "device", "guest"]
    id: str = ""
    mark: str | None = None
    since: float = 0.0


def unauthorized() -> Refusal:
    """What somebody hears who has shown nothing that lets them in."""
    return Refusal(
        "unauthorized",
        "This MaskGate has a password: sign in at /login, or send the header `Authorization: Bearer <token>` "
        "(python -m server token create NAME makes one).",
    )


def forbidden() -> Refusal:
    """What a device or a guest hears where only the owner may."""
    return Refusal("forbidden", "Only who signed in with the password may do this, no device and no guest.")


class Access:
    """The rules, around what they ask: the password, the tokens and the guest links."""

    def __init__(
        self,
        passwords: Passwords,
        tokens: Tokens,
        guests: Guests,
        signouts: SignOuts,
        throttle: Throttle,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.passwords, self.tokens, self.guests = passwords, tokens, guests
        self.signouts, self._throttle, self._clock = signouts, throttle, clock
        self._guarded = False

    @classmethod
    def of(cls, settings: Settings) -> Access:
        """As the settings and the state folder have it.

        Raises SettingsError where others than this machine's own user can reach the server and there is no password,
        and StateError.
        """
        folder = StateFolder(settings.state_dir)
        access = cls(
            Passwords(folder, runner(settings.async_mode)),
            Tokens(folder),
            Guests(settings.guest_hours, settings.guests_at_once),
            SignOuts(folder),
            Throttle(),
        )
        # Read now: what is broken ends the start, not the first visit.
        access.tokens.all()
        _ = "" in access.signouts
        if access.guarded:
            access.passwords.keep_key()
        elif reached := _reached(settings):
            raise SettingsError(
                f"{reached}: others than this machine's own user could reach MaskGate, so it needs a password first; "
                "set one: python -m server set-password"
            )
        return access

    @property
    def guarded(self) -> bool:
        """Whether there is a password. Once there was one, taking its file away opens nothing."""
        self._guarded = self._guarded or self.passwords.mark is not None
        return self._guarded

    def visitor(self) -> Visitor | None:
        """Who sent the request being handled; None for a stranger."""
        if not self.guarded:
            return Visitor("owner")
        sent = request.authorization
        if sent is not None and sent.type == "bearer":
            return self._device(sent.token or "")
        claims = [self._owner(), _claim("device"), _claim("guest")]
        return next((claim for claim in claims if claim and self.objection(claim) is None), None)

    def admit(self, token: str | None, guest: str | None) -> Visitor:
        """Who opens the socket being connected. token, guest: as they said. Raises Refusal `unauthorized`."""
        if guest is not None:
            # A guest's page says so, or the owner's own browser could not be a guest.
            visitor: Visitor | None = Visitor("guest", guest)
        elif token is not None and self.guarded:
            visitor = self._device(token)
        else:
            visitor = self.visitor()
        if visitor is None:
            raise unauthorized()
        if refusal := self.objection(visitor):
            raise refusal
        return visitor

    def objection(self, visitor: Visitor) -> Refusal | None:
        """Why a visitor, let in before, may stay no longer; None if they may."""
        match visitor.kind:
            case "guest":
                return None if self.guests.standing(visitor.id) == "live" else ended()
            case "device":
                if self.tokens.known(visitor.id):
                    return None
            case "owner":
                if not self.guarded:
                    return None
                fresh = self._clock() - visitor.since < OWNER_DAYS * DAY and visitor.id not in self.signouts
                if fresh and visitor.mark is not None and visitor.mark == self.passwords.mark:
                    return None
        return unauthorized()

    def sign_in(self, password: str) -> bool:
        """Make the request's session the owner's, if the password is right. Raises TooManyRequests."""
        address = request.remote_addr or ""
        self._throttle.check(address)
        mark = self.passwords.check(password)
        if mark is None:
            log.warning("A wrong password was given from %s.", address)
            return False
        self._throttle.forgive(address)
        session["owner"] = {"id": secrets.token_urlsafe(16), "mark": mark, "since": int(self._clock())}
        session.permanent = True
        return True

    def sign_out(self) -> None:
        """End the request's session, with what it has open."""
        if owner := self._owner():
            self.signouts.add(owner.id, owner.since + OWNER_DAYS * DAY)
        session.clear()

    def take_token(self, text: str) -> bool:
        """Make the request's session a device's, if the token is in force."""
        visitor = self._device(text)
        if visitor is None:
            return False
        session["device"] = visitor.id
        session.permanent = True
        return True

    def renew(self) -> None:
        """Have a device's session last its full time from now on."""
        session.modified = session.modified or "device" in session

    def take_link(self, id: str) -> None:  # noqa: A002 - what it is
        """Make the request's session a guest's too."""
        session["guest"] = id

    def seen(self, visitor: Visitor) -> None:
        """Note that a device's token is in use."""
        if visitor.kind == "device":
            try:
                self.tokens.use(visitor.id)
            except StateError as fault:
                log.warning("%s", fault)

    def _owner(self) -> Visitor | None:
        kept: Any = session.get("owner")
        return Visitor("owner", kept["id"], kept["mark"], kept["since"]) if kept else None

    def _device(self, text: str) -> Visitor | None:
        found = self.tokens.id_of(text)
        return Visitor("device", found) if found else None


def _claim(kind: Literal["device", "guest"]) -> Visitor | None:
    return Visitor(kind, session[kind]) if kind in session else None


def _reached(settings: Settings) -> str | None:
    """The setting by which others can reach the server, as one writes it; None where none does."""
    for name, safe in (("host", settings.host in LOOPBACK), ("public_url", not settings.public_url)):
        if not safe:
            return f"{variable(name)}={getattr(settings, name)}"
    return f"{variable('proxies')}={settings.proxies}" if settings.proxies else None
