"""Set the password that guards the pages, REST and the socket."""

from __future__ import annotations

import sys

import click

from server.settings import load
from server.web.access.passwords import PASSWORD_FILE, Passwords, objection
from server.web.access.state import StateFolder


@click.command()
def command() -> None:
    """Set the password that guards the pages, REST and the socket.

    Asked for twice on a terminal, else read from standard input. A server that runs takes the new one at once;
    whoever signed in with another has to sign in again, devices with tokens go on.
    """
    folder = StateFolder(load().settings.state_dir)
    password = _ask() if sys.stdin.isatty() else _read()
    try:
        Passwords(folder).set(password)
    except ValueError as why:
        raise click.ClickException(str(why)) from None
    click.echo(f"The password is set; its hash is in {folder.path / PASSWORD_FILE}.")


def _ask() -> str:
    def checked(password: str) -> str:
        if why := objection(password):
            raise click.BadParameter(why)
        return password

    answer: str = click.prompt("Password", hide_input=True, confirmation_prompt="The same again", value_proc=checked)
    return answer


def _read() -> str:
    data = sys.stdin.buffer.read()
    try:
        return data.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise click.ClickException("The password on standard input is no UTF-8 text; write it as such.") from None
