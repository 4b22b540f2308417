"""What this machine is called, and what the server says of itself once it is ready."""

from __future__ import annotations

import socket
from collections import namedtuple
from ipaddress import ip_address

import psutil
import pytest

from server.web import addresses
from server.web.addresses import greeting, host_names, is_loopback, network_addresses, urls

Entry = namedtuple("Entry", "family address")
State = namedtuple("State", "isup")


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with a wire, a bridge of its own and a wireless card that is off."""
    cards = {
        "lo": [Entry(socket.AF_INET, "127.0.0.1"), Entry(socket.AF_INET6, "::1")],
        "docker0": [Entry(socket.AF_INET, "172.17.0.1")],
        "eth0": [
            Entry(socket.AF_PACKET, "02:fc:00:00:00:01"),
            Entry(socket.AF_INET6, "fe80::1%eth0"),
            Entry(socket.AF_INET6, "2001:db8::5"),
            Entry(socket.AF_INET6, "2a00:1450::5"),
            Entry(socket.AF_INET6, "fd00::2"),
            Entry(socket.AF_INET, "192.168.1.20"),
        ],
        "wlan0": [Entry(socket.AF_INET, "192.168.1.21")],
    }
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: cards)
    monkeypatch.setattr(psutil, "net_if_stats", lambda: {name: State(name != "wlan0") for name in cards})
    monkeypatch.setattr(addresses, "_default_route", lambda: ip_address("192.168.1.20"))
    monkeypatch.setattr(socket, "gethostname", lambda: "Door.hospital.example")


def test_the_address_of_the_default_route_comes_first():
    assert [str(found) for found in network_addresses()][:2] == ["192.168.1.20", "172.17.0.1"]
    assert "fd00::2" in map(str, network_addresses())
    assert not {"2a00:1450::5", "127.0.0.1", "192.168.1.21"} & set(map(str, network_addresses()))


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("Door.hospital.example", ("door.hospital.example", "door", "door.local")),
        ("door", ("door", "door.local")),
        ("the door", ()),
        ("tür", ()),
        ("a_b", ()),
        ("-x", ()),
        ("", ()),
    ],
)
def test_names_that_a_certificate_can_carry(monkeypatch: pytest.MonkeyPatch, name: str, names: tuple[str, ...]):
    monkeypatch.setattr(socket, "gethostname", lambda: name)
    assert host_names() == names


@pytest.mark.parametrize(
    ("host", "found"),
    [
        ("127.0.0.1", ["https://127.0.0.1:8000"]),
        ("::1", ["https://[::1]:8000"]),
        ("192.168.1.20", ["https://192.168.1.20:8000"]),
        (
            "0.0.0.0",
            [
                "https://localhost:8000",
                "https://192.168.1.20:8000",
                "https://172.17.0.1:8000",
                "https://door.local:8000",
            ],
        ),
    ],
)
def test_where_it_can_be_opened(host: str, found: list[str]):
    assert urls("https", host, 8000) == found


def test_all_addresses_of_both_kinds():
    assert {"https://192.168.1.20:8000", "https://[fd00::2]:8000"} <= set(urls("https", "::", 8000))


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://localhost:1", True),
        ("http://127.0.0.1:1", True),
        ("https://[::1]:1", True),
        ("https://192.168.1.20:1", False),
        ("https://door.local:1", False),
    ],
)
def test_which_addresses_lead_here_alone(url: str, loopback: bool):
    assert is_loopback(url) == loopback


def test_on_this_machine_alone_it_says_one_line():
    assert (
        greeting(urls("http", "127.0.0.1", 8000), None, None, True) == "MaskGate is ready: open http://127.0.0.1:8000"
    )


def test_with_https_it_names_all_addresses_and_the_certificate_and_draws_the_first():
    said = greeting(urls("https", "0.0.0.0", 8000), None, "Certificate ...", True).split("\n")
    assert said[0] == "MaskGate is ready: open https://localhost:8000"
    assert said[1] == (
        "From other machines: https://192.168.1.20:8000 or https://172.17.0.1:8000 or https://door.local:8000"
    )
    assert said[2] == "Certificate ..."
    assert "▄" in "".join(said[3:])
    assert "\n".join(said[3:]).startswith(addresses.qr_code("https://192.168.1.20:8000").rstrip("\n"))


def test_behind_a_proxy_it_names_and_draws_the_public_address():
    said = greeting(urls("http", "127.0.0.1", 8000), "https://masks.example.org", None, True).split("\n", 2)
    assert said[:2] == [
        "MaskGate is ready: open http://127.0.0.1:8000",
        "From other machines: https://masks.example.org",
    ]
    assert said[2] == addresses.qr_code("https://masks.example.org")


def test_where_there_is_no_terminal_there_is_no_picture():
    assert "▄" not in greeting(urls("https", "0.0.0.0", 8000), None, "Certificate ...", False)


def test_without_https_it_says_why_cameras_stay_dark():
    assert "set MASKGATE_TLS=self-signed" in greeting(urls("http", "192.168.1.20", 8000), None, None, False)
