"""The documents tell the truth: what they name exists, and what exists is named."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
from fastapi import FastAPI

from api import settings_page
from api.app import create_app
from api.cli.commands import SUMMARIES
from api.service import Service
from api.settings import Settings
from index.embedding.hashing import HashingEmbedder
from index.library.opening import open_library

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE))


def test_every_command_named_in_the_readme_exists() -> None:
    known = set(SUMMARIES)
    named = set(re.findall(r"pincite (?:--\w+ \w+ )?([a-z]+)\b", README))
    assert named - {"models"} <= known - {"models"}
    assert {"index", "search", "show", "verify", "status", "serve"} <= named


def test_every_make_target_named_in_the_readme_exists() -> None:
    assert {"run", "test"} <= set(re.findall(r"make ([a-z-]+)", README)) <= targets()


def test_the_page_of_settings_is_what_make_docs_makes_of_them() -> None:
    assert (ROOT / "docs" / "settings.md").read_text().splitlines() == list(settings_page.page())


def test_every_setting_is_on_its_page_and_the_readme_leads_there() -> None:
    shown = (ROOT / "docs" / "settings.md").read_text()
    missing = [field.name for field in fields(Settings) if f"| `PINCITE_{field.name.upper()}` |" not in shown]
    assert missing == []
    assert "(docs/settings.md)" in README


@pytest.fixture
def application(tmp_path: Path) -> FastAPI:
    return create_app(Service(open_library(tmp_path / "library", create=True), HashingEmbedder))


def test_every_route_is_in_the_readme(application: FastAPI) -> None:
    paths = set(application.openapi()["paths"])
    shown = {path.replace("{article_id}", "{id}").replace("{citation_id}", "{id}") for path in paths}
    assert "/v1/search" in shown
    assert [path for path in shown if path not in README] == []


def test_every_module_is_in_the_architecture() -> None:
    modules = [
        path
        for room in ("index", "search", "api")
        for path in (ROOT / room).rglob("*.py")
        if path.stem not in {"__init__", "__main__"}
    ]
    names = set(re.findall(r"\w+", ARCHITECTURE))
    inside = {"routes", "wire", "commands", "converting", "readers", "evaluation"}
    missing = [
        str(path.relative_to(ROOT)) for path in modules if path.stem not in names and path.parent.name not in inside
    ]
    assert missing == []


def test_every_dependency_has_its_reason_in_the_architecture() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    listed = re.search(r"^dependencies = \[(.*?)^\]", project, re.MULTILINE | re.DOTALL)
    assert listed is not None
    names = re.findall(r'"([A-Za-z0-9_.-]+)==', listed[1])
    assert "numpy" in names
    assert [name for name in names if name not in ARCHITECTURE and name != "numpy"] == []


def test_links_lead_somewhere() -> None:
    for page in (ROOT / "README.md", ROOT / "ARCHITECTURE.md", *sorted((ROOT / "docs").glob("*.md"))):
        links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())
        assert [link for link in links if not (page.parent / link).exists()] == []


def test_figures_are_filled_in() -> None:
    assert "FIGURE_" not in README + ARCHITECTURE
