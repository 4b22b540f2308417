"""The application: Flask and Socket.IO around an engine."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from server.settings import Settings
from server.vision.engine import Engine
from server.web import kiosk, metrics, pages, rest, stream
from server.web.access import gate
from server.web.access import pages as access_pages
from server.web.access import rest as access_rest
from server.web.access.rights import Access
from server.web.access.sessions import keep_sessions
from server.web.errors import handle_errors
from server.web.guard import Door, Guard
from server.web.headers import add_headers
from server.web.languages import add_languages
from server.web.limiter import Limiter
from server.web.sharing import pages as sharing
from server.web.sharing import sockets
from server.web.sharing.registry import Shares
from server.web.version import version

ROOT = Path(__file__).parents[1]


def create_app(settings: Settings, engine: Engine, access: Access | None = None) -> Flask:
    """Everything that answers; `app.extensions["socketio"]` is its Socket.IO server.

    engine: already started; ended by whoever started it. access: who may do what; as the settings say where not given.
    Raises SettingsError where the settings ask for a password and there is none.
    """
    access = access or Access.of(settings)
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    handle_errors(app)
    add_headers(app)
    add_languages(app)
    limiter, counters = Limiter(settings.rate_limit), metrics.WebMetrics(engine)
    keep_sessions(app, access.passwords.key)
    gate.guard(app, access)
    app.register_blueprint(access_pages.blueprint(access))
    app.register_blueprint(access_rest.blueprint(access.guests, settings.public_url))
    app.register_blueprint(pages.blueprint(settings.models_dir, engine))
    app.register_blueprint(rest.blueprint(settings, engine, limiter, counters))
    now = version(ROOT)
    app.register_blueprint(metrics.blueprint(engine, counters, now))
    app.register_blueprint(kiosk.blueprint(settings, now))
    shares = Shares(sockets.Sockets(app), settings.watch_rate, settings.watchers, settings.share_grace)
    app.register_blueprint(sharing.blueprint(settings, shares))
    stream.attach(app, settings, engine, limiter, counters, access, shares)
    sockets.attach(app, shares, counters)
    app.wsgi_app = Guard(app.wsgi_app, Door.of(settings))  # type: ignore[method-assign]
    if hops := settings.proxies:
        # Before the guard: it is asked about the name and the scheme that the browser used.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app
