"""Stretches of time as people write them on the command line."""

from __future__ import annotations

import re

from index.errors import InvalidSetting

_PERIOD = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def seconds(written: str, option: str) -> float:
    """A time such as 15m, in seconds.

    Raises:
        InvalidSetting: it is none, or none at all; `option` is named.
    """
    found = _PERIOD.fullmatch(written.strip())
    if found is None or not (length := float(found[1]) * _SECONDS[found[2]]):
        raise InvalidSetting(f"--{option} is {written!r}; give a time such as 30s, 15m, 2h or 1d.", field=option)
    return length
