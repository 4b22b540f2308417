"""Which async mode the server will run in, known before the settings are.

`eventlet.monkey_patch()` must come before anything that starts threads or holds locks, and the settings' own library
is of that kind. So this one setting is looked up by hand first; whether it is valid, the settings say.
"""

from __future__ import annotations

import os
import tomllib
import warnings
from pathlib import Path


def patch_early() -> None:
    """Patch the standard library for eventlet unless `async_mode` names another mode."""
    if _async_mode() != "eventlet":
        return
    with warnings.catch_warnings():
        # It is on the design card; `threading` is there for the day it ends.
        warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
        import eventlet
    eventlet.monkey_patch()


def _async_mode() -> str:
    """From the environment, the settings file, or the default, as `server.settings` finds it."""
    variables = {name.upper(): value for name, value in os.environ.items()}
    if "MASKGATE_ASYNC_MODE" in variables:
        return variables["MASKGATE_ASYNC_MODE"]
    try:
        file = Path(variables.get("MASKGATE_CONFIG") or "maskgate.toml").read_text(encoding="utf-8")
        return str(tomllib.loads(file).get("async_mode", "eventlet"))
    except (OSError, ValueError):
        return "eventlet"  # a broken file ends the start soon, with a sentence
