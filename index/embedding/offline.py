"""Keeping the model libraries off the network, and their chatter off the terminal.

The hub library reads its switches once, when it is first imported; so they are set in the environment before that,
and the libraries are imported by whoever loads a model and not at the top of a module. This process stays offline even
when the user names a model on a hub: a child process fetches that (`hub`), with the environment as the user gave it.
"""

from __future__ import annotations

import logging
import os

SWITCHES = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
}

_set_here: set[str] = set()


def go_offline() -> None:
    """Set the switches that the user has not set. Call it before the libraries are imported."""
    for name, value in SWITCHES.items():
        if name not in os.environ:
            os.environ[name] = value
            _set_here.add(name)


def environment_as_given() -> dict[str, str]:
    """The environment without the switches that `go_offline` set."""
    return {name: value for name, value in os.environ.items() if name not in _set_here}


def hush() -> None:
    """Turn off the progress bars and the warnings that the libraries print while they load a model.

    The report of weights that a model does without (the pooler of an embedder) is nothing that a user can act on.
    """
    from transformers.utils import logging as chatter  # noqa: PLC0415 - see the module's docstring

    chatter.set_verbosity_error()  # type: ignore[no-untyped-call]
    chatter.disable_progress_bar()  # type: ignore[no-untyped-call]
    logging.getLogger("sentence_transformers").setLevel(logging.ERROR)
