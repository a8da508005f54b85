"""`pincite serve`: the library over HTTP."""

from __future__ import annotations

import gc
import logging
import socket
from pathlib import Path
from typing import Annotated

import typer

from api.app import create_app
from api.cli.commands.index import store
from api.cli.output import messages, output, print_lines, print_marked
from api.cli.printing import answer_lines, summary_lines
from api.collections import Collections
from api.connections import server_for
from api.exposure import keys_for
from api.in_process import InProcess
from api.observing import logs
from api.observing.tracing import Tracing
from api.settings import unknown_variables
from index.errors import InvalidSetting

log = logging.getLogger("pincite")


def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", show_default="8000")] = None,
    first_index: Annotated[Path | None, typer.Option(help="Index this first when the library is empty.")] = None,
    no_keys: Annotated[
        bool, typer.Option("--no-keys", help="Ask nobody for an API key, also where others than this machine may ask.")
    ] = False,
    ask: Annotated[str | None, typer.Option(help="Print the answer to this question first.")] = None,
) -> None:
    """Serve the library over HTTP until stopped. /openapi.json describes the interface."""
    settings = context.obj.with_values(host=host, port=port, open=no_keys or None)
    keys = keys_for(settings)
    tracing = Tracing.to(settings.tracing) if settings.tracing else None
    listening = _listen(settings.host, settings.port)
    logs.apply(settings.log_format)
    for name in unknown_variables():
        log.warning("%s is no setting; docs/settings.md lists all of them", name)
    collections = Collections.open(settings, create=True)
    service = collections.default
    if first_index and not service.status().articles:
        print_lines(summary_lines(store(service, [first_index])))
    if ask:
        output.print(f"\n> {ask}\n", style="bold", markup=False)
        print_marked(answer_lines(InProcess(service).search(ask, limit=3)))
    server = server_for(create_app(collections, settings, keys, tracing, _set_aside), log_config=None)
    where = f"[{settings.host}]" if ":" in settings.host else settings.host
    messages.print(f"Serving on http://{where}:{listening.getsockname()[1]} (Ctrl+C stops it)", markup=False)
    server.run(sockets=[listening])


def _set_aside() -> None:
    """Keep the garbage collector from looking through what is loaded and stays: that takes 150 ms and more of some
    question every few hundred. Measured over 1,500 questions: eight took 145 to 169 ms, now one."""
    gc.collect()
    gc.freeze()


def _listen(host: str, port: int) -> socket.socket:
    """The socket to serve on, taken before any long work, so that a port in use is known at once.

    Its connections send at once what they are given. asyncio sees to that only for sockets that were made for TCP by
    name; else every answer but a connection's first would wait 40 ms for the client to acknowledge the answer's head.
    """
    try:
        listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # which its connections inherit
    except OSError as error:
        message = f"Cannot listen on {host}, port {port} ({error.strerror}). Choose another with --port or PORT."
        raise InvalidSetting(message, field="port") from error
    return listening
