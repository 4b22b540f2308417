"""The pages' languages: which one a visitor is likely to want, and the few words that no script can write."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, request

LANGUAGES = ("en", "bn", "es", "fr", "ar", "de", "zh")
"""By the name of their file in `static/lang/`, as the pages list them."""

COOKIE = "maskgate_language"
"""Holds what the visitor chose; set by `static/js/language.js`, which decides as `wanted` does."""


def add_languages(app: Flask) -> None:
    """Give every template of the app `language`, `languages` and `word`."""

    @cache
    def words(code: str) -> dict[str, Any]:
        return read_words(Path(str(app.static_folder)) / "lang" / f"{code}.json")

    def context() -> dict[str, object]:
        language = wanted()

        def word(path: str, code: str = language, **values: object) -> str:
            found: Any = words(code)
            for step in path.split("."):
                found = found[step]
            return str(found).format(**values)

        return {"language": language, "languages": LANGUAGES, "word": word}

    def vary(response: Response) -> Response:
        if response.mimetype == "text/html":
            response.vary.update(("Accept-Language", "Cookie"))
        return response

    app.context_processor(context)
    app.after_request(vary)


def wanted() -> str:
    """The language that the request's address asks for, else the visitor's choice, else the browser's, else English."""
    for wish in (request.args.get("lang", ""), request.cookies.get(COOKIE, "")):
        code = wish.partition("-")[0].lower()
        if code in LANGUAGES:
            return code
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def read_words(path: Path) -> dict[str, Any]:
    """The words of a language file: nested, each a string or, where it differs by number, one for each plural form."""
    words: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return words
