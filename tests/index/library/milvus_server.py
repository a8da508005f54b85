"""A real Milvus server in one process, out of the wheel `milvus` (2.3.5), for the tests: vectors, deletes, restarts.

It is older than BM25. Its binaries are unpacked once into the environment that the tests run in.
"""

from __future__ import annotations

import lzma
import os
import signal
import socket
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.index.library.milvus_lite import free_ports, wait_for

VERSION = "2.3.5"
MISSING = "the wheel milvus is not installed: pip install 'pincite[dev]' brings it on Linux with an x86-64 processor"
PORTS = (
    "etcd_port",
    "root_coord_port",
    "proxy_port",
    "proxy_internal_port",
    "query_coord_port",
    "query_node_port",
    "index_coord_port",
    "index_node_port",
    "data_coord_port",
    "data_node_port",
)

QUICK: dict[str, dict[str, Any]] = {
    "queryCoord": {"checkChannelInterval": 100, "checkSegmentInterval": 100, "distPullInterval": 50},
    "proxy": {"timeTickInterval": 50},
    "common": {"session": {"ttl": 3, "retryTimes": 30}},
}
"""Milliseconds between the looks that its parts take at each other, and the seconds until a killed one is taken for
gone: shorter than usual, which proves the same in less time."""


def wheel() -> Path:
    """The folder of the wheel's files; skips where it is not installed."""
    spec = find_spec("milvus") if find_spec("pymilvus") else None
    if spec is None or spec.origin is None:
        pytest.skip(MISSING)
    return Path(spec.origin).parent / "data"


def binaries() -> Path:
    """The folder of the server's binaries, unpacked if they were not."""
    packed = wheel() / "bin"
    folder = Path(sys.prefix) / "share" / f"milvus-{VERSION}"
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(dir=folder.parent))
        for file in packed.glob("*.lzma"):
            (beside / file.stem).write_bytes(lzma.decompress(file.read_bytes()))
            (beside / file.stem).chmod(0o755)
        beside.rename(folder)
    return folder


def configured(settings: dict[str, Any]) -> str:
    """The wheel's template of a configuration with these values, and its own for the rest."""
    lines = []
    for line in (wheel() / "config.yaml.template").read_text().splitlines():
        before, opening, rest = line.partition("{{")
        inside, _, after = rest.partition("}}")
        name, _, value = inside.partition(":")
        name = name.split("(")[0].strip()
        lines.append(f"{before}{settings.get(name, value.strip())}{after}" if opening else line)
    return "\n".join(lines).replace("\n  ip: #", "\n  ip: 127.0.0.1 #")


def killed(process: subprocess.Popen[bytes]) -> None:
    """End a process with SIGKILL; what a Milvus then leaves in the system's temporary folder is removed."""
    process.send_signal(signal.SIGKILL)
    process.wait()
    Path(f"/tmp/milvus/server_id_{process.pid}").unlink(missing_ok=True)


class MilvusServer:
    """A server over a folder, which may be killed and started again over the same one."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._binaries = folder, binaries()
        self._metrics, *ports = free_ports(1 + len(PORTS))
        self.ports = dict(zip(PORTS, ports, strict=True))
        (folder / "configs").mkdir(parents=True)
        (folder / "logs").mkdir()
        settings = {
            **self.ports,
            "etcd_log_path": folder / "logs/etcd.log",
            "system_log_path": folder / "logs",
            "etcd_data_dir": folder / "etcd",
            "local_storage_dir": folder / "data",
            "rocksmq_data_dir": folder / "rocksmq",
        }
        made = yaml.safe_load(configured(settings))
        for part, values in QUICK.items():
            made[part] |= values
        (folder / "configs/milvus.yaml").write_text(yaml.safe_dump(made))
        (folder / "configs/glog.conf").write_bytes((wheel() / "glog.conf").read_bytes())
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = {
            **os.environ,
            "LD_LIBRARY_PATH": str(self._binaries),
            "MILVUSCONF": str(self.folder / "configs"),
            "METRICS_PORT": str(self._metrics),
            "DEPLOY_MODE": "STANDALONE",
            "TMPDIR": str(self.folder),
        }
        with (self.folder / "logs/out.log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._binaries / "milvus", "run", "standalone"],
                cwd=self.folder,
                env=environment,
                stdout=log,
                stderr=log,
            )
        wait_for(self._healthy, 120)

    def address(self, name: str, consistency: str = "Strong") -> str:
        return f"milvus://127.0.0.1:{self.ports['proxy_port']}/{name}?consistency={consistency}"

    def kill(self) -> None:
        """End it with SIGKILL, as when the power fails."""
        if self._process is not None:
            killed(self._process)

    def _healthy(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self.folder / "logs/out.log").read_text()[-2000:]
        with socket.create_connection(("127.0.0.1", self.ports["proxy_port"]), 1):
            pass
        try:
            return httpx.get(f"http://127.0.0.1:{self._metrics}/healthz", timeout=5).text == "OK"
        except httpx.TransportError:
            return False
