"""What `deploy/` holds is taken by the programs that it is for, as it stands."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from server.settings import PREFIX, Settings
from tests.deploy.proxies import CADDY, DEPLOY, MISSING, exchanged

ANALYZE = shutil.which("systemd-analyze")
SERVICE, KIOSK = "maskgate.service", "maskgate-kiosk.service"
ELSEWHERE = {
    SERVICE: (("/opt/maskgate/.venv/bin/python", "/bin/true"), ("/opt/maskgate", "{folder}")),
    KIOSK: (("/usr/bin/cage", "/bin/true"),),
}
"""What a unit names that is only where its steps were done, and what stands in for it."""

needs_systemd = pytest.mark.skipif(
    ANALYZE is None, reason="systemd-analyze is missing (Debian: apt-get install systemd)"
)


@pytest.fixture
def unit(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The unit of a name, with a program and a folder that are there."""
    path = tmp_path / request.param
    changes = [(old, new.format(folder=tmp_path)) for old, new in ELSEWHERE[path.name]]
    path.write_text(exchanged((DEPLOY / path.name).read_text(), *changes))
    return path


@needs_systemd
@pytest.mark.parametrize("unit", ELSEWHERE, indirect=True)
def test_systemd_takes_the_unit(unit: Path):
    done = subprocess.run([str(ANALYZE), "verify", "--man=no", unit], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@needs_systemd
@pytest.mark.parametrize("unit", [SERVICE], indirect=True)  # the kiosk's lets a person in, with a screen and a camera
def test_the_unit_may_do_little(unit: Path):
    """systemd's own judgement: 10 is a service that may do all, 2 and less is one that is well locked in."""
    command = [str(ANALYZE), "security", "--offline=yes", "--threshold=20", "--no-pager", unit]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_kiosks_policy_says_what_its_page_tells_of_it():
    policy = json.loads((DEPLOY / "maskgate-kiosk.json").read_text())
    told = (DEPLOY.parent / "docs" / "kiosk.md").read_text().partition("## Permissions")[2].partition("\n## ")[0]
    named = set(re.findall(r"`([A-Z]\w+)`", told))
    assert {"VideoCaptureAllowedUrls", "AutoplayAllowlist", "URLBlocklist", "URLAllowlist"} <= named <= policy.keys()
    address = "http://127.0.0.1:8000"
    assert f"`{address}`" in told
    places = [name for name, value in policy.items() if value == [address]]
    assert places == ["VideoCaptureAllowedUrls", "AutoplayAllowlist", "URLAllowlist"], "all three places"
    assert policy["URLBlocklist"] == ["*"]
    assert policy["VideoCaptureAllowed"] is policy["AutoplayAllowed"] is False, "to nobody else"


def test_every_setting_that_deploy_names_is_one():
    named = {
        name
        for path in DEPLOY.iterdir()
        if path.is_file()
        for name in re.findall(PREFIX + r"([A-Z_]+)", path.read_text())
    }
    assert {"STATE_DIR", "PROXIES", "PUBLIC_URL"} <= named
    assert {name.lower() for name in named} <= set(Settings.model_fields) | {"config"}


@pytest.mark.skipif(CADDY is None, reason=MISSING.format("caddy"))
def test_caddy_takes_its_file(tmp_path: Path):
    command = [str(CADDY), "adapt", "--adapter", "caddyfile", "--config", str(DEPLOY / "Caddyfile")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"HOME": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    assert "maskgate.example.org" in done.stdout


def test_the_files_that_the_steps_have_made_can_be_made():
    (line,) = re.findall(r"^sudo make (.*?)  +#", (DEPLOY.parent / "docs" / "deploy.md").read_text(), re.MULTILINE)
    command = ["make", "--dry-run", "--always-make", *line.split()]
    done = subprocess.run(command, cwd=DEPLOY.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "requirements/serve.txt" in done.stdout
    assert "requirements.txt" not in done.stdout
