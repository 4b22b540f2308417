"""The command line: `python -m server SUBCOMMAND`."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import click

from server import __version__, commands

FOLDER = Path(commands.__file__).parent


class Subcommands(click.Group):
    """Finds the subcommands as files and imports only the one asked for: `--help` stays quick and light."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(path.stem.replace("_", "-") for path in FOLDER.glob("[!_]*.py"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"{commands.__name__}.{cmd_name.replace('-', '_')}")
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, _summary(name)) for name in self.list_commands(ctx)])

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except ModuleNotFoundError as error:
            # Ours is never missing; others' are where only what serves was installed.
            if error.name is None or error.name.partition(".")[0] == "server":
                raise
            raise click.ClickException(f"{error.name} is missing: `make setup` installs everything.") from None
        except Exception as error:
            # Imported late: `serve` must patch the standard library before the settings are imported.
            from server.settings import SettingsError

            if not isinstance(error, SettingsError):
                raise
            click.echo(str(error), err=True)
            ctx.exit(2)


def _summary(name: str) -> str:
    source = (FOLDER / f"{name.replace('-', '_')}.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(source)) or "").partition("\n")[0]


@click.command(cls=Subcommands, help="MaskGate: says for each face in a picture whether a mask is worn.")
@click.version_option(__version__, prog_name="MaskGate")
def main() -> None: ...


if __name__ == "__main__":
    main(prog_name="python -m server")
