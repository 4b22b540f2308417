"""The requirement files agree, name every package that is imported, and serving needs no TensorFlow."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).parents[1]
PIN = re.compile(r"^([A-Za-z0-9._-]+(?:\[[a-z,]+\])?)==([0-9][0-9A-Za-z.]*)$")
TRAINING_ONLY = {
    "tensorflow",
    "imagehash",
    "keras",
    "matplotlib",
    "onnx",
    "pandas",
    "pycocotools",
    "skimage",
    "sklearn",
    "scipy",
    "tqdm",
}


def pins(name: str) -> dict[str, str]:
    """Package to version of a requirement file; every line must be an exact pin."""
    lines = [line.partition("#")[0].strip() for line in (ROOT / name).read_text().splitlines()]
    found = {}
    for line in filter(None, lines):
        match = PIN.match(line)
        assert match, f"{name}: {line!r} is not an exact pin"
        found[match[1].lower()] = match[2]
    return found


def test_serving_has_the_same_pins_as_everything():
    everything, serving = pins("requirements.txt"), pins("requirements/serve.txt")
    assert serving.items() <= everything.items()
    training = {
        "imagehash",
        "keras",
        "matplotlib",
        "onnx",
        "pandas",
        "pycocotools",
        "scikit-image",
        "scikit-learn",
        "scipy",
        "tensorflow",
        "tqdm",
    }
    assert set(everything) - set(serving) == training


@pytest.mark.parametrize("name", ["requirements/no-deps.txt", "requirements/dev.txt"])
def test_other_files_are_pinned_and_do_not_repeat(name: str):
    assert not set(pins(name)) & set(pins("requirements.txt"))


def imports(folder: str) -> set[str]:
    """Top-level names imported by the Python files of a folder, except the standard library's and ours."""
    names = set()
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names.add((node.module or "").partition(".")[0])
    return names - set(sys.stdlib_module_names) - {"server", "tests"}


def named(imported: set[str]) -> set[str]:
    """The packages that the imported names come from."""
    owners = packages_distributions()
    return {owners[name][0].lower().replace("_", "-") for name in imported if name in owners}


def test_every_imported_package_is_a_direct_pin():
    direct = {*pins("requirements.txt"), *pins("requirements/no-deps.txt")}
    # Measuring needs the packages of the tests: `python -m server bench` says so where they are missing.
    for_benchmarks = {"playwright", "psutil", "requests", "scikit-image"}
    assert named(imports("server")) - direct <= for_benchmarks


def test_the_server_starts_and_answers_where_tensorflow_is_missing(tmp_path: Path):
    """A stand-in for a serve-only machine: whatever belongs to training alone cannot be imported."""
    blocker = tmp_path / "sitecustomize.py"
    blocker.write_text(
        "import sys\n"
        "class Missing:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.partition('.')[0] in {TRAINING_ONLY!r}:\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Missing())\n"
    )
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}", "MASKGATE_PORT": "0"}
    environment["MASKGATE_STATE_DIR"] = str(tmp_path / "state")
    check = subprocess.run(
        [sys.executable, "-c", "import tensorflow"], env=environment, capture_output=True, check=False
    )
    assert b"No module named 'tensorflow'" in check.stderr, "the stand-in itself must work"
    server = subprocess.Popen(
        [sys.executable, "-m", "server", "serve"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        url = next(found.group() for line in server.stdout if (found := re.search(r"http://[^\s]+:\d+", line)))
        assert requests.get(f"{url}/healthz", timeout=30).status_code == 200
    finally:
        server.terminate()
        assert server.wait(timeout=60) == 0
