"""The server on the network of its machine: what it says of where it can be reached, and that this is true."""

from __future__ import annotations

import os
import pty
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from server.web.access.passwords import Passwords
from server.web.access.state import StateFolder
from server.web.addresses import network_addresses, qr_code
from tests.web.running import MODES, PATIENCE, ROOT, STAND_IN, running, until

PASSWORD = "four plain little words"

needs_network = pytest.mark.skipif(not network_addresses(), reason="this machine has no address but its loopback")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    Passwords(StateFolder(tmp_path / "state")).set(PASSWORD)
    return tmp_path / "state"


@needs_network
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_every_address_that_it_names_leads_to_it(mode: str, host: str, tiny_models: Path, state: Path):
    if host == "::" and not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    settings = {"models_dir": tiny_models, "model": "tiny", "detector": "eyes", "workers": 1, "state_dir": state}
    with running(STAND_IN, async_mode=mode, host=host, tls="self-signed", **settings) as server:
        assert server.url == f"https://localhost:{server.port}"
        line = until(lambda: next((x for x in server.said if x.startswith("From other")), None), "the addresses")
        named = [url for url in re.findall(r"https://\S+", line) if ".local" not in url]
        assert len(named) == len([one for one in network_addresses() if host == "::" or one.version == 4])
        for url in (server.url, *named):
            answer = requests.get(f"{url}/login", verify=str(state / "tls" / "authority.crt"), timeout=PATIENCE)
            assert answer.status_code == 200, url
        signed_in = requests.post(
            f"{named[0]}/login",
            data={"password": PASSWORD},
            headers={"Origin": named[0]},
            verify=str(state / "tls" / "authority.crt"),
            timeout=PATIENCE,
            allow_redirects=False,
        )
        assert signed_in.status_code == 303
        assert "Secure" in signed_in.headers["Set-Cookie"]
        assert not set("▀▄█") & set("".join(server.said)), "no terminal, no picture"


@needs_network
def test_on_a_terminal_it_draws_the_address(tiny_models: Path, state: Path):
    settings = {"models_dir": tiny_models, "model": "tiny", "detector": "eyes", "workers": 1, "state_dir": state}
    settings |= {"host": "0.0.0.0", "tls": "self-signed", "port": 0}
    environment = os.environ | {f"MASKGATE_{name.upper()}": str(value) for name, value in settings.items()}
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", *STAND_IN], cwd=ROOT, env=environment, stdout=theirs, stderr=subprocess.DEVNULL
    )
    os.close(theirs)
    said = ""

    def drawn() -> str | None:
        nonlocal said
        said += os.read(ours, 65_536).decode(errors="ignore").replace("\r\n", "\n")
        found = re.search(r"From other machines: (\S+)", said)
        return found[1] if found and qr_code(found[1]).strip() in said else None

    try:
        assert until(drawn, "the picture").startswith(f"https://{network_addresses()[0]}:")
    finally:
        process.terminate()
        process.wait(PATIENCE)
        os.close(ours)
