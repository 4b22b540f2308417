"""The live page over https, with a certificate that the browser takes without a question."""

from __future__ import annotations

import base64
import hashlib
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.browser.chromium import ALLOWED, CAMERA, Launch
from tests.browser.feed import Film
from tests.browser.live_page import LivePage
from tests.web.running import MODES, PATIENCE, REAL, Running, running

Trust = Callable[[Path], list[str]]


def pinned(authority: Path) -> list[str]:
    """As a kiosk is started that knows the authority's key."""
    key = x509.load_pem_x509_certificate(authority.read_bytes()).public_key()
    digest = hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
    return [f"--ignore-certificate-errors-spki-list={base64.b64encode(digest).decode()}"]


def unasked(_authority: Path) -> list[str]:
    return ["--ignore-certificate-errors"]


@pytest.fixture(scope="module", params=MODES)
def encrypted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    state = tmp_path_factory.mktemp("state")
    with running(REAL, async_mode=request.param, workers=1, tls="self-signed", state_dir=state) as server:
        server.trust = state / "tls" / "authority.crt"
        yield server
        assert "Traceback" not in "".join(server.said)


@pytest.fixture(scope="module")
def feed(film: Film, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film.write(tmp_path_factory.mktemp("feed") / "film.mjpeg")


@pytest.mark.parametrize(("host", "trust"), [("127.0.0.1", unasked), ("localhost", pinned)])
def test_the_camera_runs_and_faces_are_answered(
    encrypted: Running, launch: Launch, feed: Path, host: str, trust: Trust
):
    assert encrypted.trust is not None
    flags = [CAMERA, ALLOWED, f"--use-file-for-fake-video-capture={feed}", *trust(encrypted.trust)]
    page = LivePage(launch(*flags).new_page(), f"https://{host}:{encrypted.port}")
    page.start()
    assert page.page.evaluate("[isSecureContext, location.protocol]") == [True, "https:"]
    page.wait(lambda data: data["faces"] == "1" and data["labels"] in ("with_mask", "without_mask"), 2 * PATIENCE)
    assert page.errors == []


def test_a_browser_that_was_told_nothing_shows_no_page(encrypted: Running, launch: Launch):
    page = launch().new_page()
    with pytest.raises(Exception, match="ERR_CERT_AUTHORITY_INVALID"):
        page.goto(encrypted.url)
    assert ssl.get_server_certificate(("127.0.0.1", encrypted.port)), "and the server goes on"


def test_who_types_the_address_without_https_gets_there(encrypted: Running, launch: Launch):
    page = launch("--ignore-certificate-errors").new_page()
    page.goto(f"http://127.0.0.1:{encrypted.port}/models")
    assert page.url == f"{encrypted.url}/models"
