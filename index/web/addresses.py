"""Which addresses may be connected to: those of the public internet, and those that a setting allows.

A name is looked up once, what it stands for is checked, and only what passed is given to whoever connects. Knows no
HTTP.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Thread
from typing import Any, Self

from index.errors import InvalidSetting

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
LookUp = Callable[..., Iterable[tuple[Any, ...]]]
"""What `socket.getaddrinfo` does."""

LOOK_UP_SECONDS = 10.0

# IANA's registries of special-purpose addresses, and multicast. Named here, since what Python's `is_global` says of
# some of them differs from release to release.
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
# All that IPv6 has of public addresses. What carries an IPv4 address inside (mapped, NAT64) lies outside of it.
_UNICAST = ipaddress.ip_network("2000::/3")


class AddressRefused(Exception):
    """No address of this name may be connected to, or it has none; the message is a reason for people."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """Hosts and networks that may be read although they are not public."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def parsed(cls, written: str, field: str) -> Self:
        """From names, addresses and networks with commas between: ``localhost, 10.1.0.0/16``.

        Raises:
            InvalidSetting: a part is none of these; `field` names the setting.
        """
        parts = [part.strip().lower() for part in written.split(",") if part.strip()]
        networks = {part: network for part in parts if (network := _network(part, field))}
        return cls(frozenset(part for part in parts if part not in networks), tuple(networks.values()))

    def admits(self, host: str, address: Address) -> bool:
        """Whether a connection to this address of this host may be made."""
        return is_public(address) or host.lower() in self.hosts or any(address in network for network in self.networks)


def is_public(address: Address) -> bool:
    """Whether this is an ordinary address of the public internet."""
    if address.version == 6 and address not in _UNICAST:
        return False
    return not any(address in network for network in _NOT_PUBLIC)


def resolve(
    host: str,
    port: int,
    allowed: Allowed,
    look_up: LookUp = socket.getaddrinfo,
    seconds: float = LOOK_UP_SECONDS,
) -> list[Address]:
    """The addresses of a host that may be connected to, in the order in which they should be tried.

    Raises:
        AddressRefused: there are none, or none were told in so many seconds.
    """
    try:
        answers = _within(seconds, lambda: list(look_up(host, port, type=socket.SOCK_STREAM)))
    except TimeoutError:
        raise AddressRefused(f"the host {host} cannot be found (no answer in {seconds:g} s)") from None
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise AddressRefused(f"the host {host} cannot be found ({reason})") from None
    found = list(dict.fromkeys(ipaddress.ip_address(answer[4][0]) for answer in answers))
    usable = [address for address in found if allowed.admits(host, address)]
    if not usable:
        raise AddressRefused(
            f"{host} is {', '.join(map(str, found))}, which is no public address; "
            "if it is meant, allow it with PINCITE_PRIVATE_HOSTS"
        )
    return usable


def _within(seconds: float, look_up: Callable[[], list[tuple[Any, ...]]]) -> list[tuple[Any, ...]]:
    """What a look-up answers. The system's own knows no time limit, and may take minutes where no name server answers;
    so it is left behind in a thread that ends with the process.

    Raises:
        TimeoutError: it took longer.
    """
    answer: Future[list[tuple[Any, ...]]] = Future()

    def ask() -> None:
        try:
            answer.set_result(look_up())
        except BaseException as error:  # noqa: BLE001, RUF100 (raised again by whoever waits)
            answer.set_exception(error)

    Thread(target=ask, name="look-up", daemon=True).start()
    return answer.result(seconds)


def _network(part: str, field: str) -> Network | None:
    """The network or address that is written, or None for a host's name."""
    try:
        return ipaddress.ip_network(part, strict=False)
    except ValueError:
        pass
    if not part.replace("-", "").replace(".", "").replace("_", "").isalnum():
        raise InvalidSetting(f"{field} holds {part!r}, which is no host, address or network.", field=field)
    return None
