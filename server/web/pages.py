"""The pages people open."""

from __future__ import annotations

from flask import Blueprint, render_template


def blueprint() -> Blueprint:
    """`/`, the live page."""
    routes = Blueprint("pages", __name__)

    @routes.get("/")
    def live() -> str:
        return render_template("index.html")

    return routes
