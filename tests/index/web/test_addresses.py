"""Which addresses may be connected to."""

from __future__ import annotations

import ipaddress
import socket
from threading import Event
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import InvalidSetting
from index.web.addresses import AddressRefused, Allowed, is_public, resolve

PUBLIC = ["8.8.8.8", "93.184.215.14", "172.15.255.255", "172.32.0.0", "223.255.255.255", "2606:4700::1111", "2a00::1"]
REFUSED = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b::8.8.8.8",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_may_be_read(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", REFUSED)
def test_no_other_address_may_be_read(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@given(st.ip_addresses())
def test_what_python_calls_special_is_never_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    special = (
        not address.is_global
        or address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_reserved
        or address.is_unspecified
    )
    assert not (special and is_public(address))


@given(st.ip_addresses(v=4))
def test_an_address_inside_another_is_refused_even_if_it_is_public_itself(inner: ipaddress.IPv4Address) -> None:
    number = int(inner)
    mapped, compatible, nat64, sixtofour = (
        (0xFFFF << 32) | number,
        number,
        (0x64FF9B << 96) | number,
        (0x2002 << 112) | (number << 80) | 1,
    )
    for carrier in (mapped, compatible, nat64, sixtofour):
        assert not is_public(ipaddress.IPv6Address(carrier))


@given(st.ip_addresses(v=4))
def test_of_ipv4_everything_is_public_that_python_calls_so_but_four_small_networks(
    inner: ipaddress.IPv4Address,
) -> None:
    ours = ("192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.175.48.0/24", "192.0.0.0/24")
    if inner.is_global and not inner.is_multicast and not any(inner in ipaddress.ip_network(one) for one in ours):
        assert is_public(inner)


def answers(*addresses: str) -> list[tuple[object, ...]]:
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in addresses]


def test_only_addresses_that_passed_are_handed_on() -> None:
    found = resolve("h", 80, Allowed(), lambda *_, **__: answers("10.0.0.1", "8.8.8.8", "::1", "8.8.4.4", "8.8.8.8"))
    assert found == [ipaddress.ip_address("8.8.8.8"), ipaddress.ip_address("8.8.4.4")]


def test_a_name_with_other_addresses_only_is_refused_with_the_way_out() -> None:
    with pytest.raises(AddressRefused, match=r"^h is 10\.0\.0\.1, ::1, which is no public .* PINCITE_PRIVATE_HOSTS$"):
        resolve("h", 80, Allowed(), lambda *_, **__: answers("10.0.0.1", "::1"))


@pytest.mark.parametrize("name", ["127.1", "0x7f000001", "2130706433", "017700000001", "localhost", "[::1]"])
def test_no_way_of_writing_loopback_gets_through(name: str) -> None:
    with pytest.raises(AddressRefused):
        resolve(name.strip("[]"), 80, Allowed())


def test_a_name_that_nobody_knows_is_said_so() -> None:
    def unknown(*_: object, **__: object) -> list[tuple[object, ...]]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(AddressRefused, match=r"^the host h cannot be found \(Name or service not known\)$"):
        resolve("h", 80, Allowed(), unknown)


def test_a_name_that_is_no_name_is_said_so() -> None:
    with pytest.raises(AddressRefused, match="cannot be found"):
        resolve("a" * 70 + ".example", 80, Allowed())


def test_hosts_addresses_and_networks_can_be_allowed() -> None:
    allowed = Allowed.parsed(" Wiki.lan, 10.1.0.0/16,::1 , my_host", "PINCITE_PRIVATE_HOSTS")
    assert allowed.admits("wiki.LAN", ipaddress.ip_address("192.168.7.7"))
    assert allowed.admits("my_host", ipaddress.ip_address("127.0.0.1"))
    assert allowed.admits("other", ipaddress.ip_address("10.1.255.1"))
    assert allowed.admits("other", ipaddress.ip_address("::1"))
    assert not allowed.admits("other", ipaddress.ip_address("10.2.0.1"))
    assert not allowed.admits("other", ipaddress.ip_address("127.0.0.1"))


@pytest.mark.parametrize("written", ["10.0.0.0/99", "http://h/", "a b", "*"])
def test_what_is_no_host_is_named_by_its_setting(written: str) -> None:
    with pytest.raises(InvalidSetting, match="PINCITE_PRIVATE_HOSTS holds") as failure:
        Allowed.parsed(written, "PINCITE_PRIVATE_HOSTS")
    assert failure.value.detail == {"field": "PINCITE_PRIVATE_HOSTS"}


def test_a_look_up_that_does_not_end_is_given_up() -> None:
    ending = Event()

    def endless(*_: object, **__: object) -> list[tuple[Any, ...]]:
        ending.wait(60)
        return []

    try:
        with pytest.raises(AddressRefused, match=r"the host slow.example cannot be found \(no answer in 0.05 s\)"):
            resolve("slow.example", 80, Allowed(), endless, seconds=0.05)
    finally:
        ending.set()
