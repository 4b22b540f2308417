"""The application: Flask and Socket.IO around an engine."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from server.settings import Settings
from server.vision.engine import Engine
from server.web import metrics, pages, rest, stream
from server.web.errors import handle_errors
from server.web.guard import Guard
from server.web.headers import add_headers
from server.web.languages import add_languages
from server.web.limiter import Limiter
from server.web.sharing import pages as sharing
from server.web.sharing import sockets
from server.web.sharing.registry import Shares

ROOT = Path(__file__).parents[1]


def create_app(settings: Settings, engine: Engine) -> Flask:
    """Everything that answers; `app.extensions["socketio"]` is its Socket.IO server.

    engine: already started; ended by whoever started it.
    """
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    handle_errors(app)
    add_headers(app)
    add_languages(app)
    limiter, counters = Limiter(settings.rate_limit), metrics.WebMetrics(engine)
    app.register_blueprint(pages.blueprint(settings.models_dir, engine))
    app.register_blueprint(rest.blueprint(settings, engine, limiter, counters))
    app.register_blueprint(metrics.blueprint(engine, counters))
    shares = Shares(sockets.Sockets(app), settings.watch_rate, settings.watchers, settings.share_grace)
    app.register_blueprint(sharing.blueprint(settings, shares))
    stream.attach(app, settings, engine, limiter, counters, shares)
    sockets.attach(app, shares, counters)
    app.wsgi_app = Guard(app.wsgi_app)  # type: ignore[method-assign]
    return app
