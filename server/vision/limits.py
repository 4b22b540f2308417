"""How large a picture may be; apart from the decoding so that the web can ask without loading OpenCV."""

from __future__ import annotations

MAX_SOCKET_BYTES = 2 * 2**20
MAX_REST_BYTES = 8 * 2**20
MAX_SIDE = 4096
"""Pixels, width and height."""
