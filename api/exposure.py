"""Who can reach a server, and what follows from it: keys are left out only where nobody else can ask."""

from __future__ import annotations

import ipaddress

from api.keys import KeyRing
from api.settings import Settings
from index.errors import InvalidSetting


def keys_for(settings: Settings) -> KeyRing | None:
    """The keys that a server with these settings asks for; None where it was told to ask nobody.

    On loopback the first key that is made puts keys into force; elsewhere there must be one at the start.

    Raises:
        InvalidSetting: others than this machine can ask, there are no keys, and nobody said that this is meant.
    """
    if settings.open:
        return None
    keys = KeyRing(settings.keys_path)
    if not keys.in_force and not is_loopback(settings.host):
        message = (
            f"{settings.host} can be reached by others, and there are no API keys in {settings.keys_path}. Make one "
            "with `pincite keys create NAME`, or say with --no-keys (PINCITE_OPEN=1) that everybody may do everything."
        )
        raise InvalidSetting(message, field="host")
    return keys


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches this address; names other than localhost count as reachable by others."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
