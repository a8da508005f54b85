"""Markdown files and their front matter."""

from __future__ import annotations

from io import BytesIO

import pytest

from index.articles.article import Draft
from index.articles.readers import read_bytes
from index.articles.readers.files import Source
from index.articles.readers.markdown import read_markdown
from index.errors import Unreadable


def read(text: str) -> Draft:
    (draft,) = read_markdown(Source(BytesIO(text.encode()), "a.md"))
    return draft


def test_front_matter_becomes_metadata() -> None:
    draft = read(
        "---\ntitle: 1984\ndate: 2025-02-30\nauthors: [A, B]\ntags: [a, 2024, yes]\nlang: tr\nrating: 4\n"
        "more: {draft: false, none: ~}\n---\n\n# Body\n"
    )
    assert draft == Draft(
        origin="a.md",
        content="\n# Body\n",
        markup="markdown",
        title="1984",
        author="A; B",
        published="2025-02-30",
        language="tr",
        tags=("a", "2024", "yes"),
        metadata={"rating": "4", "more": {"draft": "false", "none": None}},
        place="front matter",
    )


@pytest.mark.parametrize(
    "text",
    [
        "# Title\n\nText",
        "---\nnever closed: true\n\nText",
        "---\njust a line\n---\nText",
        "---\n- a list\n---\nText",
        "---\n---\nText",
        "Text\n---\ntitle: T\n---\n",
        "",
    ],
)
def test_what_is_no_front_matter_is_text(text: str) -> None:
    assert read(text) == Draft("a.md", text, "markdown")


def test_windows_line_ends_and_three_dots() -> None:
    assert read("---\r\ntitle: T\r\n...\r\nText\r\n") == Draft(
        "a.md", "Text\r\n", "markdown", title="T", place="front matter"
    )


@pytest.mark.parametrize(
    ("front", "reason"),
    [
        ("title: [1984", "its front matter is not YAML: while parsing a flow sequence"),
        ("a: &x [1]\nb: *x", "its front matter is not YAML: aliases (*name) are not allowed"),
        ("a: !!python/object:os.system x", "its front matter is not YAML: could not determine a constructor"),
        ("a: " + "[" * 3000, "its front matter is not YAML"),
        ("? [a]\n: b", "its front matter is not YAML: while constructing a mapping"),
        ("title: [a, b]", "title: it must be a string, not an array"),
        ("tags: {a: b}", "tags: it must be a string, not an object"),
        ("html: <p>", "html: give the article as text or as html, not both"),
    ],
)
def test_front_matter_that_cannot_be_read(front: str, reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(f"---\n{front}\n---\nText")
    assert caught.value.message.startswith(f"a.md: {reason}")


def test_toml_front_matter() -> None:
    head = """+++\ntitle = "Boat"\ndate = 2025-01-13\nauthors = ["Dora Pell", "Ann Lee"]\ndraft = false
[params]\nat = 09:30:00\nlist = [2025-01-13T09:30:00Z]\n+++\n"""
    (found,) = read_bytes(f"{head}Text.\n".encode(), "a.md")
    assert found == Draft(
        "a.md",
        "Text.\n",
        "markdown",
        title="Boat",
        author="Dora Pell; Ann Lee",
        published="2025-01-13",
        metadata={"draft": False, "params": {"at": "09:30:00", "list": ["2025-01-13T09:30:00+00:00"]}},
        place="front matter",
    )


def test_toml_that_is_broken_is_named() -> None:
    (found,) = read_bytes(b"+++\ntitle =\n+++\nText.", "a.md")
    assert isinstance(found, Unreadable)
    assert found.message.startswith("a.md: its front matter is not TOML: ")
