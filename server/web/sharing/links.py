"""The links that are handed out, in words and as QR codes."""

from __future__ import annotations

import io
import re

import segno
from flask import request

from server.settings import Settings
from server.vision.messages import Refusal

OURS = re.compile(r"/(watch|try)/[A-Za-z0-9_-]{1,128}")
"""Paths that may be made a QR code of; for anything else this is no QR service."""


def absolute(settings: Settings, path: str) -> str:
    """A path as others reach it: below the public address where one is set, else as this request came."""
    base = getattr(settings, "public_url", None) or request.host_url
    return str(base).rstrip("/") + path


def watch_link(settings: Settings, identity: str) -> str:
    return absolute(settings, f"/watch/{identity}")


def qr_svg(settings: Settings, path: str) -> bytes:
    """The QR code of one of our links, as SVG, dark on light with the quiet zone that readers need.

    Raises Refusal `bad_message` for another path.
    """
    if not OURS.fullmatch(path):
        raise Refusal("bad_message", "`path` is that of a link to watch or to try, such as /watch/<id>.")
    drawing = io.BytesIO()
    code = segno.make_qr(absolute(settings, path), error="m")
    code.save(drawing, kind="svg", border=4, dark="#000", light="#fff", xmldecl=False, omitsize=True, nl=False)
    return drawing.getvalue()
