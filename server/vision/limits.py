"""How large a picture may be and how many faces it answers; apart from the decoding so that the web can ask
without loading OpenCV."""

from __future__ import annotations

MAX_SOCKET_BYTES = 2 * 2**20
MAX_REST_BYTES = 8 * 2**20
MAX_SIDE = 4096
"""Pixels, width and height."""
MAX_FACES = 200
"""A `min_score` near 0 finds hundreds of faces in any picture; each costs a classifier's run."""
