"""npm's conformance suite for servers of the Model Context Protocol, run against a real server.

Needs npm and its registry, or a cache that has the two packages; skipped with the reason where they are not to be had.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.api.chat.serving import Served

HERE = Path(__file__).parent / "conformance"
PATIENCE = 300
PASSED = {
    "server-initialize": 1,
    "ping": 1,
    "tools-list": 1,
    "resources-list": 1,
    "prompts-list": 1,
    "dns-rebinding-protection": 2,
}


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command of the suite, installed into a folder of its own."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed, so the conformance suite cannot be had")
    folder = tmp_path_factory.mktemp("conformance")
    shutil.copy(HERE / "package.json", folder)
    command = [npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False)
    if done.returncode:
        pytest.skip(f"npm cannot fetch the conformance suite: {done.stderr.strip()[-300:]}")
    installed = folder / "node_modules"
    return [
        str(installed / "node" / "bin" / "node"),
        str(installed / "@modelcontextprotocol" / "conformance" / "dist" / "index.js"),
    ]


def test_every_scenario_passes_or_has_its_reason(served: Served, suite: list[str], tmp_path: Path) -> None:
    command = [*suite, "server", "--url", f"{served.url}/mcp", "--suite", "all", "-o", str(tmp_path)]
    command += ["--expected-failures", str(HERE / "baseline.yaml")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    passed = re.findall(r"^✓ ([\w-]+): ([1-9]\d*) passed, 0 failed", done.stdout, re.MULTILINE)
    assert {name: int(count) for name, count in passed} == PASSED


def test_every_scenario_that_is_left_out_has_a_reason() -> None:
    entries = [line for line in (HERE / "baseline.yaml").read_text().splitlines() if line.startswith("  - ")]
    assert len(entries) == 26
    assert [entry for entry in entries if not re.fullmatch(r"  - [\w-]+ # \S.{5,}", entry)] == []
