"""The reference: what is made of an option, a parameter and a shape."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from api.cli.commands import SUMMARIES
from api.reference import PAGES, text
from api.reference.markdown import table

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def http() -> str:
    return text(PAGES["http.md"])


@pytest.fixture(scope="module")
def commands() -> str:
    return text(PAGES["commands.md"])


def section(page: str, heading: str) -> str:
    assert f"\n{heading}\n" in page
    return page.split(f"\n{heading}\n")[1].split("\n#", maxsplit=1)[0]


def test_a_table_keeps_its_cells_apart() -> None:
    rows = [("a|b", "two\nlines"), ("", "c")]
    assert list(table(("x", "y"), rows)) == ["| x | y |", "|---|---|", r"| a\|b | two lines |", "|  | c |", ""]
    assert list(table(("x", "y"), [])) == []


def test_every_command_has_its_section(commands: str) -> None:
    assert [name for name in SUMMARIES if f"\n## pincite {name}\n" not in commands] == []


def test_an_option_shows_its_values_and_default(commands: str) -> None:
    search = section(commands, "## pincite search")
    assert "\nAnswer a question with ranked passages and their citations.\n" in search
    assert "| `-n, --limit <int>` | How many hits, 1 to 100. [default: 5] |" in search
    assert (
        "| `--mode <hybrid, dense, lexical>` | By meaning and words, by meaning, or by words. [default: hybrid] |"
        in search
    )


def test_commands_in_a_group_have_sections_below_it(commands: str) -> None:
    assert "```text\npincite keys create [OPTIONS] {name}\n```" in section(commands, "### pincite keys create")


def test_examples_are_code(commands: str) -> None:
    assert "Examples:\n\n```bash\npincite index --samples\n" in section(commands, "## pincite index")


def test_a_route_tells_what_it_takes_and_gives(http: str) -> None:
    search = section(http, "### POST /v1/search")
    assert "- needs `search`\n- takes `application/json`: [SearchIn](#searchin)\n- gives 200: [AnswerOut]" in search
    assert "collection" not in search
    put = section(http, "### PUT /v1/articles/{article_id}")
    assert "- gives 200: [FateOut](#fateout)\n- gives 201: [FateOut](#fateout)\n" in put


def test_a_field_tells_its_type_bounds_and_default(http: str) -> None:
    fields = section(http, "### SearchIn")
    assert "| `query` | string to 4000 |  | The question, in plain words." in fields
    assert "| `limit` | integer from 1 to 100 | `10` | How many hits. |" in fields
    assert "| `filters` | [FiltersIn](#filtersin) | none | Which articles may answer. |" in fields
    assert "| `half_life_days` | number from 0 to 36500 |" in section(http, "### RecencyIn")


def test_errors_are_told_once(http: str) -> None:
    assert http.count("| 429 |") == 1
    assert "| 422 | Something in the request cannot be used; detail.field names it. |" in http


def test_make_docs_writes_all_pages(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "api.reference", str(tmp_path)], cwd=ROOT, check=True, timeout=120)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        name: text(page) for name, page in PAGES.items()
    }
