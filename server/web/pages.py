"""The pages people open."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, abort, make_response, render_template, request, send_file

from server.vision.classifiers.card import Card
from server.vision.engine import Engine, default_models
from server.web.markdown import render
from server.web.models import COLUMNS, FIRST, HEAT_MAP, README_FILE, Scale, file_in, picture_of, row, rows, scales

STRIP = ("curves.svg", "confusion-thesis.svg", "confusion-test.svg", HEAT_MAP)
"""What stands side by side for every model; the rest is on its own page."""

EVERYWHERE = {"whole": Scale(), "strip": STRIP, "heat_map": HEAT_MAP}
KEPT_SECONDS = 365 * 86_400
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""Of a picture itself: a drawing may style itself, and opened on its own it may do nothing else."""


def blueprint(models_dir: Path, engine: Engine) -> Blueprint:
    """`/`, the live page, and `/models`, how the models compare, with a page and pictures for each."""
    routes = Blueprint("pages", __name__)

    @routes.get("/")
    def live() -> str:
        return render_template("index.html")

    @routes.get("/models", strict_slashes=False)
    def models() -> Response:
        # Asked anew each time: a model may come while the server runs.
        shown = rows(engine.models(), engine.default_model, models_dir)
        figures = {"columns": COLUMNS, "scales": scales(shown), "first": FIRST}
        return _page("models.html", rows=shown, default_models=default_models(engine), **figures, **EVERYWHERE)

    @routes.get("/models/<name>", strict_slashes=False)
    def model(name: str) -> Response | tuple[str, int]:
        card = _card(engine, name)
        if card is None:
            return render_template("missing.html", name=name), 404
        shown = row(card, name == engine.default_model, models_dir / name)
        readme = file_in(models_dir / name, README_FILE)
        text = render(readme.read_text("utf-8", errors="replace")) if readme else None
        return _page("model.html", row=shown, text=text, columns=COLUMNS, **EVERYWHERE)

    @routes.get("/models/<name>/pictures/<file>")
    def picture(name: str, file: str) -> Response:
        card = _card(engine, name)
        found = picture_of(card, models_dir / name, file) if card else None
        if found is None:
            abort(404)
        # An address that names these very bytes can be kept; any other is asked for again each time.
        kept = KEPT_SECONDS if request.args.get("version") == found.version else None
        response = send_file(found.path, max_age=kept)
        if kept:
            response.cache_control.immutable = True
        response.headers["Content-Security-Policy"] = PICTURE_POLICY
        return response

    return routes


def _card(engine: Engine, name: str) -> Card | None:
    return next((card for card in engine.models() if card.name == name), None)


def _page(template: str, **values: object) -> Response:
    """A page that is sent again only if it changed."""
    response = make_response(render_template(template, **values))
    response.add_etag()
    return response.make_conditional(request)  # type: ignore[return-value]
