"""Which version of MaskGate answers: a page that stays open for months sees by it that it is out of date."""

from __future__ import annotations

import hashlib
from pathlib import Path

PARTS = ("server", "static", "templates")
_NOT_OURS = ("__pycache__",)


def version(root: Path) -> str:
    """16 hexadecimal digits that change with any file of the server or its pages.

    root: the folder that holds `server/`, `static/` and `templates/`; what is missing counts as empty.
    """
    digest = hashlib.blake2b(digest_size=8)
    for part in PARTS:
        for path in sorted((root / part).rglob("*")):
            if path.is_file() and not any(name in path.parts for name in _NOT_OURS):
                content = hashlib.blake2b(path.read_bytes()).digest()
                digest.update(path.relative_to(root).as_posix().encode() + b"\0" + content)
    return digest.hexdigest()
