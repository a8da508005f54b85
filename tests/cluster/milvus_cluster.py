"""A Milvus cluster of six processes on one machine, for tests: coordinators, proxy, data node, index node and two query
nodes out of the wheel `milvus` (2.3.5), with etcd, SeaweedFS as the object storage, and a broker.

The broker is the one that librdkafka brings for its own tests. It keeps some megabytes only and forgets the rest, so
rows must come slowly; it is no broker for anything else.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

import httpx
import pytest
import yaml

from tests.index.library.milvus_lite import free_ports, wait_for
from tests.index.library.milvus_server import binaries, configured, killed, wheel

BROKER = """
import sys, confluent_kafka
producer = confluent_kafka.Producer({"bootstrap.servers": "x", "test.mock.num.brokers": 1, "log_level": 3})
broker = next(iter(producer.list_topics(timeout=10).brokers.values()))
print(f"{broker.host}:{broker.port}", flush=True)
while True:
    producer.poll(1)
"""
COORDINATORS = ["mixture", "-rootcoord=true", "-querycoord=true", "-datacoord=true", "-indexcoord=true"]
ROLES = ("rootCoord", "proxy", "queryCoord", "queryNode", "indexCoord", "indexNode", "dataCoord", "dataNode")


def tool(name: str) -> str:
    """A program that the cluster needs; skips where it is not installed."""
    found = shutil.which(name, path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
    if found is None:
        pytest.skip(f"{name} is not installed; `make test-cluster` says how it can be had")
    return found


class MilvusCluster:
    """The processes, each by its name; `query1` and `query2` are the query nodes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._etcd, self._weed, self._binaries = tool("etcd"), tool("weed"), binaries()
        self._logs: list[IO[bytes]] = []
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._all_ports = free_ports(40)
        self._ports = iter(self._all_ports)
        self.port = next(self._ports)

    def start(self) -> None:
        etcd, peers = next(self._ports), next(self._ports)
        client, peer = f"http://127.0.0.1:{etcd}", f"http://127.0.0.1:{peers}"
        listens = ["--listen-client-urls", client, "--advertise-client-urls", client, "--listen-peer-urls", peer]
        initial = ["--initial-advertise-peer-urls", peer, "--initial-cluster", f"default={peer}"]
        self._run("etcd", [self._etcd, "--data-dir", str(self.folder / "etcd"), *listens, *initial])
        objects = self._object_storage()
        broker = self._broker()
        self._configure(etcd, objects, broker)
        wait_for(lambda: httpx.get(f"{client}/health").status_code == 200)
        self._milvus("coordinators", COORDINATORS, {})
        self._milvus("proxy", ["proxy"], {})
        self._milvus("data", ["datanode"], {"DATANODE_PORT": str(next(self._ports))})
        self._milvus("index", ["indexnode"], {"INDEXNODE_PORT": str(next(self._ports))})
        for name in ("query1", "query2"):
            own = {"QUERYNODE_PORT": str(next(self._ports)), "LOCALSTORAGE_PATH": str(self.folder / name)}
            self._milvus(name, ["querynode"], own)

    def address(self, name: str, consistency: str = "Bounded") -> str:
        options = f"shards=2&replicas=2&consistency={consistency}"
        return f"milvus://127.0.0.1:{self.port}/{name}?{options}"

    def kill(self, name: str) -> None:
        """End one process with SIGKILL."""
        killed(self.processes[name])

    def stop(self) -> None:
        for name in reversed(self.processes):
            self.kill(name)
            if (printed := self.processes[name].stdout) is not None:
                printed.close()
        for log in self._logs:
            log.close()
        for port in self._all_ports:
            for socket in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):
                socket.unlink()

    def _object_storage(self) -> int:
        master, volume, filer, objects = (next(self._ports) for _ in range(4))
        folder = self.folder / "objects"
        folder.mkdir(parents=True)
        ports = [f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}", f"-s3.port={objects}"]
        grpc = [f"-{part}.port.grpc={next(self._ports)}" for part in ("master", "volume", "filer", "s3")]
        self._run(
            "objects",
            [self._weed, f"-logdir={folder}", "server", f"-dir={folder}", "-ip=127.0.0.1", "-s3", *ports, *grpc],
        )
        wait_for(lambda: _answers(f"http://127.0.0.1:{objects}/"), 60)
        return objects

    def _broker(self) -> str:
        broker = subprocess.Popen([sys.executable, "-c", BROKER], stdout=subprocess.PIPE)
        self.processes["broker"] = broker
        assert broker.stdout is not None
        return broker.stdout.readline().decode().strip()

    def _configure(self, etcd: int, objects: int, broker: str) -> None:
        folder = self.folder / "configs"
        folder.mkdir(parents=True)
        paths = {
            "local_storage_dir": self.folder / "local",
            "rocksmq_data_dir": self.folder / "rocksmq",
            "etcd_data_dir": self.folder / "etcd",
            "system_log_path": self.folder / "logs",
        }
        made: dict[str, Any] = yaml.safe_load(configured(paths))
        made["etcd"].update(endpoints=f"127.0.0.1:{etcd}", use={"embed": False})
        made.setdefault("mq", {})["type"] = "kafka"
        made["kafka"] = {"brokerList": broker, "readTimeout": 10}
        made.pop("pulsar", None)
        made.setdefault("minio", {}).update(
            address="127.0.0.1", port=objects, accessKeyID="k", secretAccessKey="s", bucketName="milvus", useSSL=False
        )
        made["common"]["storageType"] = "minio"
        for role in ROLES:
            made.setdefault(role, {}).update(ip="127.0.0.1", port=next(self._ports))
        made["proxy"].update(port=self.port, internalPort=next(self._ports))
        (folder / "milvus.yaml").write_text(yaml.safe_dump(made))
        (folder / "glog.conf").write_bytes((wheel() / "glog.conf").read_bytes())

    def _milvus(self, name: str, role: list[str], own: dict[str, str]) -> None:
        environment = {
            **os.environ,
            "LD_LIBRARY_PATH": str(self._binaries),
            "MILVUSCONF": str(self.folder / "configs"),
            "METRICS_PORT": (metrics := str(next(self._ports))),
            **own,
        }
        command = [str(self._binaries / "milvus"), "run", *role, "-alias", name]
        self._run(name, command, environment)
        wait_for(lambda: _answers(f"http://127.0.0.1:{metrics}/healthz"), 120)

    def _run(self, name: str, command: list[str], environment: dict[str, str] | None = None) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        log = (self.folder / f"{name}.log").open("wb")
        self._logs.append(log)
        self.processes[name] = subprocess.Popen(
            command, cwd=self.folder, env=environment, stdout=log, stderr=subprocess.STDOUT
        )


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code < 500
    except httpx.TransportError:
        return False
