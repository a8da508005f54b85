"""Who can reach a server, and what follows from it: keys are left out only where nobody else can ask."""

from __future__ import annotations

import ipaddress

from api.keys import KeyRing
from api.settings import Settings, names_in
from index.errors import InvalidSetting

LOCAL_NAMES = frozenset(("localhost", "host.docker.internal", "host.containers.internal"))
"""What this machine is called by itself and by its own containers."""


def keys_for(settings: Settings) -> KeyRing | None:
    """The keys that a server with these settings asks for; None where it was told to ask nobody.

    On loopback the first key that is made puts keys into force; elsewhere there must be one at the start, and so where
    the server is given a name: a proxy or a tunnel then brings others to it, who look like this machine.

    Raises:
        InvalidSetting: others than this machine can ask, there are no keys, and nobody said that this is meant.
    """
    if settings.open:
        return None
    keys = KeyRing(settings.keys_path)
    reached = reached_by_others(settings)
    if not keys.in_force and reached:
        field, name = reached
        message = (
            f"{name} can be reached by others, and there are no API keys in {settings.keys_path}. Make one "
            "with `pincite keys create NAME`, or say with --no-keys (PINCITE_OPEN=1) that everybody may do everything."
        )
        raise InvalidSetting(message, field=field)
    return keys


def reached_by_others(settings: Settings) -> tuple[str, str] | None:
    """The setting, and what of it, by which others than this machine reach a server; None where they do not."""
    if not is_loopback(settings.host):
        return "host", settings.host
    names = (name for name in names_in(settings.hosts) if name.lower() not in LOCAL_NAMES and not is_loopback(name))
    return next((("hosts", "Any name" if name == "*" else name) for name in names), None)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches this address; names other than localhost count as reachable by others."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
