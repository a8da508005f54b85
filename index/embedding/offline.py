"""Keeping the model libraries off the network.

The hub library reads its switches once, when it is first imported; so they are set in the environment before that,
and the libraries are imported by whoever loads a model and not at the top of a module. This process stays offline even
when the user names a model on a hub: a child process fetches that (`hub`).

OpenVINO reports to its makers when it is imported. It does without where its package for that is missing, so that one
is made to look so.
"""

from __future__ import annotations

import os
import sys
from types import ModuleType
from typing import cast

_OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
_QUIET = ("HF_HUB_DISABLE_TELEMETRY", "HF_HUB_DISABLE_PROGRESS_BARS")

_set_here: set[str] = set()


def go_offline() -> None:
    """Set the switches that the user has not set. Call it before the libraries are imported."""
    modules = cast("dict[str, ModuleType | None]", sys.modules)
    modules.setdefault("openvino_telemetry", None)
    for name in (*_OFFLINE, *_QUIET):
        if name not in os.environ:
            os.environ[name] = "1"
            _set_here.add(name)


def online_environment() -> dict[str, str]:
    """The environment for a child process that may use the network, unless the user has switched it offline."""
    closed = _set_here.intersection(_OFFLINE)
    return {name: value for name, value in os.environ.items() if name not in closed} | dict.fromkeys(_QUIET, "1")
