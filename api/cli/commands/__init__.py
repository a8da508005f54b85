"""The commands: one module each, named in one line here, and imported when the command is called.

So `pincite --help` imports none of them, and no command waits for what another one needs. A module holds a function, or
a `typer.Typer` of subcommands, of its own name, with _ for -. This is the only place where modules are imported
by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from index.errors import InvalidSetting

# In the order of `pincite --help`. Each summary is the first line of the command's own help; a test holds that.
SUMMARIES: Mapping[str, str] = {
    "index": "Store articles. What is there already costs nothing; what changed is replaced.",
    "search": "Answer a question with ranked passages and their citations.",
    "show": "Print one article with its metadata.",
    "delete": "Delete articles with their passages.",
    "verify": "Tell whether a cited quote still stands: unchanged, moved, changed or gone.",
    "status": "Print how much the library holds and in what state it is.",
    "snapshot": "Write the whole library to one file, also while it is served and written.",
    "restore": "Make a library of a snapshot, checked through and through before it is put in its place.",
    "copy": "Copy a library into a folder or to Milvus, without embedding anything again.",
    "embed-worker": "Embed passages that wait for their vectors, together with any number of other workers.",
    "reembed": "Make the library's vectors anew with another model, beside those in use, then switch in one step.",
    "serve": "Serve the library over HTTP until stopped. /openapi.json describes the interface.",
    "collections": "Libraries beside each other under one server.",
    "keys": "API keys: who may do what, in which collections.",
    "mcp": "Serve the library to a chat tool over standard input and output (MCP).",
    "models": "Models that Pincite can fetch, and those that are here.",
    "evaluate": "Measure how good the answers are on questions whose answers are known.",
}
WITH_A_SERVER = frozenset({"index", "search", "show", "delete", "verify", "status", "models"})
"""The commands that go with a server; the others refuse, as they work on the library on this machine."""


def loaded(module: str) -> Any:
    """The module of this name, imported now if it was not: for what only some calls need."""
    return import_module(module)


class Commands(TyperGroup):
    """The group of all commands: names and summarises them all, and imports the one that is called."""

    def __init__(self, **attributes: Any) -> None:
        listed = {name: TyperCommand(name, help=summary) for name, summary in SUMMARIES.items()}
        super().__init__(**attributes | {"commands": listed})

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command that the arguments begin with, its name, and the other arguments."""
        name, listed, rest = super().resolve_command(ctx, args)
        return name, command(name) if name and listed else None, rest


def command(name: str) -> Any:
    """The command of this name, with its options and its help."""
    module = name.replace("-", "_")
    found = getattr(loaded(f"{__name__}.{module}"), module)
    if isinstance(found, typer.Typer):
        made: Any = typer.main.get_group(found)
    else:
        alone = typer.Typer(add_completion=False)
        alone.command(name)(found)
        made = typer.main.get_command(alone)
    return made if name in WITH_A_SERVER else _here(made)


def _here(made: Any) -> Any:
    """The command, which refuses when a server is named."""
    invoke = made.invoke

    def checked(context: typer.Context) -> Any:
        if context.obj.server:
            message = f"`pincite {context.info_name}` works on this machine, not on {context.obj.server}."
            raise InvalidSetting(f"{message} Leave out --server and unset PINCITE_SERVER.", field="server")
        return invoke(context)

    made.invoke = checked
    return made
