"""The documents tell the truth: what they name exists, and what exists is named."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from api.cli.commands import SUMMARIES
from api.reference import PAGES, text
from api.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
README, ARCHITECTURE, CONTRIBUTING = (
    (ROOT / name).read_text() for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")
)
MAKEFILE = (ROOT / "Makefile").read_text()
ROOMS = ("index", "search", "api")
MODULES = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")) if not path.stem.startswith("__")]
TOLD_BY_FOLDER = {"commands", "routes", "wire"}
"""Folders with a module for each command, route or shape, which the architecture does not list one by one."""


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE))


def test_every_command_named_in_the_readme_exists() -> None:
    known = set(SUMMARIES)
    named = set(re.findall(r"pincite (?:--\w+ \w+ )?([a-z]+)\b", README))
    assert named - {"models"} <= known - {"models"}
    assert {"index", "search", "show", "verify", "status", "serve"} <= named


@pytest.mark.parametrize(
    "document", [README, ARCHITECTURE, CONTRIBUTING], ids=["readme", "architecture", "contributing"]
)
def test_every_make_target_that_is_named_exists(document: str) -> None:
    named = set(re.findall(r"(?:`|^)(?:\w+=\S+ )*make ([a-z-]+)", document, re.MULTILINE))
    assert named
    assert named <= targets()


@pytest.mark.parametrize("name", sorted(PAGES))
def test_the_reference_is_what_make_docs_makes_of_the_program(name: str) -> None:
    assert (ROOT / "docs" / name).read_text() == text(PAGES[name]), "run `make docs`"


def test_every_setting_is_on_its_page_and_the_readme_leads_there() -> None:
    shown = (ROOT / "docs" / "settings.md").read_text()
    missing = [field.name for field in fields(Settings) if f"| `PINCITE_{field.name.upper()}` |" not in shown]
    assert missing == []
    assert "(docs/settings.md)" in README


def test_every_module_is_in_the_architecture() -> None:
    told = named_in_the_architecture()
    missing = [path for path in MODULES if path.stem not in told and path.parent.name not in TOLD_BY_FOLDER]
    assert missing == []


def test_every_module_in_the_architecture_exists() -> None:
    there = {path.stem for path in MODULES} | {path.name for room in ROOMS for path in (ROOT / room).rglob("*")}
    assert {name for name in named_in_the_architecture() if name not in there} == set()


def named_in_the_architecture() -> set[str]:
    """The modules and folders that the rooms' sections name, each without folder and suffix."""
    rooms = ARCHITECTURE[ARCHITECTURE.index("## index/articles") : ARCHITECTURE.index("## docs:")]
    named = re.findall(r"`((?:[a-z_0-9]+/)*[a-z_0-9]+(?:\.py|/)?)`", rooms)
    return {name.removesuffix(".py").rstrip("/").rsplit("/", 1)[-1] for name in named if "benchmarks" not in name}


def test_the_ways_of_an_article_and_of_a_question_lead_through_modules_that_exist() -> None:
    ways = ARCHITECTURE[ARCHITECTURE.index("### One article") : ARCHITECTURE.index("| noun")]
    steps = re.findall(r"((?:index|search|api)/[\w/]+\.py)((?:, \w+\.py)*)", ways)
    files = [first for first, _ in steps]
    files += [str(Path(first).with_name(name)) for first, rest in steps for name in re.findall(r"\w+\.py", rest)]
    assert len(files) > 35
    assert [name for name in files if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize(
    ("document", "least"), [(CONTRIBUTING, 20), (ARCHITECTURE[ARCHITECTURE.index("## docs:") :], 5)]
)
def test_files_that_are_named_with_their_folder_exist(document: str, least: int) -> None:
    named = re.findall(r"`((?:tests|api|index|search|docs|benchmarks|deploy)/[\w./]*)`", document)
    assert len(named) >= least
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_hooks_before_a_commit_fetch_nothing_and_change_nothing() -> None:
    repositories = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    hooks = [
        (one["repo"], hook["language"], hook["entry"].split()[:3]) for one in repositories for hook in one["hooks"]
    ]
    assert [hook[:2] for hook in hooks] == [("local", "system")] * 2
    assert [words for *_, words in hooks] == [
        [".venv/bin/ruff", "check", "--force-exclude"],
        [".venv/bin/ruff", "format", "--check"],
    ]


def test_issue_templates_can_be_read() -> None:
    templates = [path for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config"]
    assert {path.stem for path in templates} == {"fault", "wish"}
    for path in templates:
        form = yaml.safe_load(path.read_text())
        assert form["name"]
        assert form["description"]
        assert all(field["attributes"]["label"] for field in form["body"])


def test_every_dependency_has_its_reason_in_the_architecture() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    listed = re.search(r"^dependencies = \[(.*?)^\]", project, re.MULTILINE | re.DOTALL)
    assert listed is not None
    names = re.findall(r'"([A-Za-z0-9_.-]+)==', listed[1])
    assert "numpy" in names
    assert [name for name in names if name not in ARCHITECTURE and name != "numpy"] == []


def test_links_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    assert len(pages) > 20
    for page in pages:
        links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text())
        assert [link for link in links if not (page.parent / link).exists()] == [], page


def test_figures_are_filled_in() -> None:
    assert "FIGURE_" not in README + ARCHITECTURE
