"""Make, list and revoke the tokens of kiosks and programs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import ParamSpec

import click

from server.settings import load
from server.web.access.state import StateFolder
from server.web.access.tokens import TokenError, Tokens

P = ParamSpec("P")


def _explained(function: Callable[P, None]) -> Callable[P, None]:
    @wraps(function)
    def explained(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            function(*args, **kwargs)
        except TokenError as error:
            raise click.ClickException(str(error)) from None

    return explained


@click.group(help=__doc__)
def command() -> None: ...


@command.command()
@click.argument("name")
@_explained
def create(name: str) -> None:
    """Make a token for the device or program NAME and show it, this once."""
    text = _tokens().create(name)
    click.echo(text)
    click.echo(
        "Keep it now, it is not shown again. A kiosk opens /kiosk?token=<it>, a program sends the header "
        "`Authorization: Bearer <it>`.",
        err=True,
    )


@command.command("list")
def list_() -> None:
    """List all tokens: name, when it was made, when it was last used."""
    rows = [(token.name, _shown(token.created), _shown(token.last_used)) for token in _tokens().all()]
    if not rows:
        click.echo("There are no tokens; make one: python -m server token create NAME")
        return
    table = [("name", "created", "last used"), *rows]
    widths = [max(len(row[column]) for row in table) for column in range(3)]
    for row in table:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


@command.command()
@click.argument("name")
@_explained
def revoke(name: str) -> None:
    """Take the token of NAME back: within seconds it opens nothing, and what it had open is cut."""
    _tokens().revoke(name)
    click.echo(f"The token {name!r} is revoked.")


def _tokens() -> Tokens:
    return Tokens(StateFolder(load().settings.state_dir))


def _shown(when: datetime | None) -> str:
    return when.astimezone().strftime("%Y-%m-%d %H:%M") if when else "never"
