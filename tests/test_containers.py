"""The container files: valid by the compose schema's own rules as far as we use them, and in step with the Makefile."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.settings import Settings
from index.library.milvus.address import Address

ROOT = Path(__file__).resolve().parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


def test_compose_runs_the_service_with_a_volume_for_the_library(compose: dict[str, Any]) -> None:
    service = compose["services"]["pincite"]
    assert service["build"] == "."
    assert service["volumes"] == ["library:/library", "collections:/collections", "keys:/keys"]
    assert {"library", "collections", "keys"} <= set(compose["volumes"])
    assert "profiles" not in service
    assert service["user"] == "pincite"
    assert service["ports"] == ["127.0.0.1:${PORT:-8000}:8000"]


def test_every_named_volume_is_declared_and_every_key_known(compose: dict[str, Any]) -> None:
    assert set(compose) <= {"services", "volumes", "networks"}
    for service in compose["services"].values():
        named = {mount.split(":")[0] for mount in service.get("volumes", []) if not mount.startswith((".", "/"))}
        assert named <= set(compose["volumes"])


def test_docker_compose_itself_accepts_the_file() -> None:
    tool = shutil.which("docker-compose")
    if tool is None:
        pytest.skip("docker-compose is not installed")
    for profile in ([], ["--profile", "cluster"]):
        command = [tool, "-f", "docker-compose.yml", *profile, "config", "-q"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
        assert done.stderr == b""
        assert done.returncode == 0


def test_the_cluster_is_milvus_with_its_parts_and_two_servers_behind_a_balancer(compose: dict[str, Any]) -> None:
    cluster = {name: one for name, one in compose["services"].items() if one.get("profiles") == ["cluster"]}
    assert set(cluster) == {"etcd", "objects", "milvus", "server", "balancer"}
    assert set(compose["services"]) - set(cluster) == {"pincite"}
    assert cluster["server"]["deploy"] == {"replicas": 2}
    address = Address.parsed(cluster["server"]["environment"]["PINCITE_LIBRARY"])
    assert address.uri == "http://milvus:19530"
    assert "volumes" not in cluster["server"]  # it keeps no state
    for one in cluster.values():
        assert set(one.get("depends_on", {})) <= set(cluster)
        assert {wait["condition"] for wait in one.get("depends_on", {}).values()} <= {"service_healthy"}
    waited_for = {name for one in cluster.values() for name in one.get("depends_on", {})}
    assert {name for name in waited_for if "healthcheck" not in cluster[name]} == {"server"}  # its image has one
    conf = (ROOT / "deploy/balancer.conf").read_text()
    assert "http://server:8000" in conf
    assert cluster["balancer"]["volumes"] == ["./deploy/balancer.conf:/etc/nginx/conf.d/default.conf:ro"]


def test_the_image_installs_the_same_torch_and_models_as_the_makefile() -> None:
    torch = re.findall(r"torch==[\d.]+", MAKEFILE)
    assert set(re.findall(r"torch==[\d.]+", DOCKERFILE)) == set(torch) == {"torch==2.13.0"}
    models = re.search(r"pincite models get (.*)", DOCKERFILE)
    assert models is not None
    assert set(models[1].split()) <= set(re.findall(r"pincite models get (.*)", MAKEFILE)[0].split())


def test_torch_is_pinned_alike_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert "torch==2.13.0" in project["dependencies"]


def test_the_image_runs_as_an_ordinary_user_and_says_when_it_is_ready() -> None:
    assert re.search(r"^USER pincite$", DOCKERFILE, re.MULTILINE)
    assert "HEALTHCHECK" in DOCKERFILE
    assert "/readyz" in DOCKERFILE


def test_a_container_without_keys_is_published_to_this_machine_only(compose: dict[str, Any]) -> None:
    service = compose["services"]["pincite"]
    assert "PINCITE_HOST=0.0.0.0" in DOCKERFILE
    assert "PINCITE_OPEN" not in DOCKERFILE
    assert service["environment"] == {"PINCITE_OPEN": "1"}
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])


def test_the_systemd_unit_starts_a_command_that_exists_with_settings_that_exist() -> None:
    unit = (ROOT / "deploy" / "pincite.service").read_text()
    given = set(re.findall(r"^Environment=PINCITE_(\w+)=", unit, re.MULTILINE))
    assert given - {"CONFIG", "MODELS"} <= {field.name.upper() for field in fields(Settings)}
    assert {"LIBRARY", "KEYS", "COLLECTIONS"} <= given
    assert re.search(r"^ExecStart=/opt/pincite/\.venv/bin/pincite serve$", unit, re.MULTILINE)
    assert re.search(r"^TimeoutStopSec=60$", unit, re.MULTILINE)


def test_systemd_itself_accepts_the_unit(tmp_path: Path) -> None:
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("systemd is not installed")
    unit = (ROOT / "deploy" / "pincite.service").read_text().replace("/opt/pincite/.venv/bin/pincite", "/bin/true")
    (tmp_path / "pincite.service").write_text(unit)
    done = subprocess.run([tool, "verify", str(tmp_path / "pincite.service")], capture_output=True, check=False)
    assert b"pincite.service" not in done.stderr


def test_the_image_copies_only_what_exists() -> None:
    for line in re.findall(r"^COPY (.*)$", DOCKERFILE, re.MULTILINE):
        *sources, _ = line.split()
        assert [source for source in sources if not (ROOT / source).exists()] == []


def test_constraints_pin_every_dependency_exactly() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][^+ ]*", line)] == []
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pinned = {line.lower() for line in lines}
    wanted = {need.lower() for need in project["dependencies"] if not need.startswith("torch")}
    assert wanted <= pinned
