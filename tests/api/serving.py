"""Runs the HTTP service in a thread of this process, on a real port."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import FastAPI

from api.connections import server_for


@contextmanager
def serving(application: FastAPI) -> Iterator[str]:
    """The address of a running server; it is stopped in order."""
    server = server_for(application, host="127.0.0.1", port=0, log_level="warning")
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        (port,) = {socket.getsockname()[1] for one in server.servers for socket in one.sockets}
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
