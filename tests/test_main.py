"""The command line as a whole: help, unknown names, settings that cannot be used."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

import server
from server.__main__ import FOLDER, Subcommands, main

ROOT = Path(__file__).parents[1]
NAMES = {"bench", "detect", "evaluate", "evaluate-scenes", "export", "serve", "settings", "train"}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_help_lists_every_subcommand_with_a_line():
    result = run("--help")
    assert result.exit_code == 0
    # Long lines go on in the next, further in.
    listed = [line.strip() for line in result.stdout.partition("Commands:\n")[2].splitlines() if line[2:3] != " "]
    summaries = dict(line.split(None, 1) for line in listed)
    assert set(summaries) >= NAMES
    assert set(summaries) == {path.stem.replace("_", "-") for path in FOLDER.glob("[!_]*.py")}
    assert all(len(summary) > 15 for summary in summaries.values())


def test_help_is_light():
    """Neither the list of subcommands nor one's own help loads what only running it needs."""
    program = (
        "import json, sys\n"
        "from server.__main__ import main\n"
        "for arguments in (['--help'], ['train', '--help'], ['serve', '--help'], ['settings']):\n"
        "    try: main(arguments, prog_name='python -m server')\n"
        "    except SystemExit as end: assert not end.code, end.code\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = json.loads(done.stdout.splitlines()[-1])
    assert not {"tensorflow", "keras", "cv2", "numpy", "pandas", "flask", "eventlet"} & set(loaded)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_subcommand_has_help(name: str):
    result = run(name, "--help")
    assert result.exit_code == 0
    assert f"{name} [OPTIONS]" in result.stdout


@pytest.mark.parametrize("name", ["watch", "evaluate_scenes", "__init__", "../app"])
def test_an_unknown_subcommand_is_named(name: str):
    result = run(name)
    assert result.exit_code == 2
    assert f"No such command '{name}'" in result.stderr
    assert "Traceback" not in result.output


def test_version():
    assert server.__version__ in run("--version").stdout


@pytest.mark.parametrize("arguments", [["settings"], ["serve"], ["detect", "nothing.jpg"]])
def test_unusable_settings_end_with_code_2_and_a_sentence(arguments: list[str]):
    """In processes of their own: this is what a service's log shows."""
    done = subprocess.run(
        [sys.executable, "-m", "server", *arguments],
        cwd=ROOT,
        env={"PATH": "", "MASKGATE_WORKERS": "1000"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == "MASKGATE_WORKERS=1000: must be a whole number from 0 to 64.\n"
    assert not done.stdout


def group(raised: Exception) -> Subcommands:
    """The command line with one subcommand that fails."""

    class Failing(Subcommands):
        def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
            def fail() -> None:
                raise raised

            return click.Command(cmd_name, callback=fail)

    return Failing("maskgate")


def test_a_package_that_was_not_installed_is_named():
    result = CliRunner().invoke(group(ModuleNotFoundError("No module named 'pandas'", name="pandas")), ["train"])
    assert result.exit_code == 1
    assert result.stderr == "Error: pandas is missing: `make setup` installs everything.\n"


@pytest.mark.parametrize("error", [ModuleNotFoundError("No module", name="server.gone"), RuntimeError("a bug")])
def test_bugs_are_not_hidden(error: Exception):
    assert CliRunner().invoke(group(error), ["train"]).exception is error
