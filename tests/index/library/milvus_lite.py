"""Milvus' own core in a process of its own, out of the wheel `milvus-lite`, for the tests: searching, BM25, filters.

Its binary is started here and reached over a port, as a server is, so that several processes can share it.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

import pytest

MISSING = "pymilvus and milvus-lite are not installed: pip install 'pincite[dev]' brings them on Linux"


def binary() -> Path | None:
    """The core's binary; None where the wheel is not installed."""
    if find_spec("pymilvus") is None:
        return None
    spec = find_spec("milvus_lite")
    folders = list(spec.submodule_search_locations or []) if spec else []
    return next((path for folder in folders if (path := Path(folder) / "lib" / "milvus").exists()), None)


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens at, each another one."""
    with ExitStack() as taken:
        sockets = [taken.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]


def wait_for(what: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until this neither raises OSError nor is false."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if what():
                return
        except OSError:
            pass
        assert time.monotonic() < deadline, "it did not come up"
        time.sleep(0.02)


class LiteServer:
    """One running core; its libraries are at `address`."""

    def __init__(self, folder: Path | None = None) -> None:
        program = binary()
        if program is None:
            pytest.skip(MISSING)
        self._made = folder is None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="milvus-lite-"))
        (self.port,) = free_ports(1)
        # Its logs are written to the temporary folder.
        environment = {**os.environ, "LD_LIBRARY_PATH": str(program.parent), "TMPDIR": str(self.folder)}
        self._process = subprocess.Popen(
            [program, self.folder / "lite.db", f"127.0.0.1:{self.port}", "ERROR"],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for(self._answers)

    def address(self, name: str, consistency: str = "Strong") -> str:
        return f"milvus://127.0.0.1:{self.port}/{name}?index=FLAT&consistency={consistency}"

    def stop(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        if self._made:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        assert self._process.poll() is None, "milvus-lite ended at once"
        socket.create_connection(("127.0.0.1", self.port), 1).close()
        return True
