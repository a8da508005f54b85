"""`pincite mcp`: the library as a server of the Model Context Protocol, over standard input and output."""

from __future__ import annotations

from importlib.util import find_spec

import anyio
import typer

from api.service import Service
from index.errors import MissingExtra


def mcp(context: typer.Context) -> None:
    """Serve the library to a chat tool over standard input and output (MCP).

    The tool starts this command itself, by a setting such as:
    {"command": "pincite", "args": ["--library", "/home/me/library", "mcp"]}
    """
    if find_spec("mcp") is None:
        raise MissingExtra("MCP needs an extra: pip install 'pincite[mcp]'.")
    from api.chat.mcp.server import make_server, serve_standard_streams  # noqa: PLC0415 - an extra

    with Service.open(context.obj) as service:
        anyio.run(serve_standard_streams, make_server(lambda _: service))
