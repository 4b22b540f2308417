"""`python -m tests.web.program`: the server as it is, but its workers do what a frame's bytes tell them.

See `runners.py`. Its settings come from the environment, as the real one's do.
"""

from __future__ import annotations

from functools import partial

from server.async_mode import patch_early

if __name__ == "__main__":
    patch_early()

    from server.commands.serve import run
    from server.settings import load
    from server.vision.engine import local
    from tests.vision.engine.conftest import EYES

    local.LocalEngine = partial(local.LocalEngine, detectors=(EYES,), pipeline="tests.web.runners:crowd")
    run(load().settings)
