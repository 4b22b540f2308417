"""Serve the pages, REST and the socket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from server.async_mode import patch_early

if TYPE_CHECKING:
    from server.settings import Settings


@click.command()
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on; 0 takes a free one.")
def command(host: str | None, port: int | None) -> None:
    """Serve the pages, REST and the socket until SIGTERM or Ctrl-C.

    Every setting can be given in the environment too: see `python -m server settings`.
    """
    patch_early()  # before every import that follows

    from server.settings import load

    run(load({"host": host, "port": port}).settings)


def run(settings: Settings) -> None:
    """Start the engine, serve until asked to stop, end the engine."""
    import logging
    import sys

    from server.app import create_app
    from server.vision.catalogue import standard_detector
    from server.vision.engine import EngineError
    from server.vision.engine.local import LocalEngine
    from server.web.access.rights import Access
    from server.web.addresses import greeting, urls
    from server.web.serving import ServingError, listen, serve
    from server.web.tls import CertificateError, chosen

    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    access = Access.of(settings)
    try:
        tls = chosen(settings)
        listener = listen(settings)
    except (CertificateError, ServingError) as error:
        raise click.ClickException(str(error)) from None
    engine = LocalEngine(
        settings.models_dir,
        settings.model,
        settings.detector or standard_detector(settings.models_dir),
        workers=settings.workers,
        frame_timeout=settings.frame_timeout,
        max_waiting=settings.max_waiting,
    )
    try:
        engine.start()
        app = create_app(settings, engine, access)
        host, port = listener.getsockname()[:2]
        found = urls("https" if tls else "http", host, port)
        said = greeting(found, settings.public_url, tls.about if tls else None, sys.stdout.isatty())
        serve(app, listener, settings.async_mode, lambda: click.echo(said), tls)
    except EngineError as error:
        raise click.ClickException(str(error)) from None
    finally:
        engine.close()
