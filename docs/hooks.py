"""Brings the files that pages link to and that stand outside docs/ into the site, so that every link leads there too.

A hook of mkdocs. In the site, docs/web.md is web.html, and what stands elsewhere keeps its place: ARCHITECTURE.md is
ARCHITECTURE.html, and README.md, as mkdocs has it, index.html. On GitHub the links work as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from posixpath import relpath
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
LINK = re.compile(r"""(?:(?<=\]\()|(?<=\ssrc=")|(?<=\ssrcset="))(?!\w+:)[^)"#\s]+""")


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add README.md, and every file that a page of the site links to, page by page."""
    waiting = [ROOT / "README.md", *(Path(file.abs_src_path or "") for file in files.documentation_pages())]
    while waiting:
        path = waiting.pop()
        if not files.get_file_from_path(uri(path)):
            files.append(File.generated(config, uri(path), abs_src_path=str(path)))
        if path.suffix == ".md":
            waiting += [target for target in targets(path) if not files.get_file_from_path(uri(target))]
    return files


def on_page_markdown(markdown: str, *, page: Page, **_: Any) -> str:
    """The page with its links as they are in the site."""
    path = Path(page.file.abs_src_path or "")

    def led(link: re.Match[str]) -> str:
        target = (path.parent / link[0]).resolve()
        return relpath(uri(target), Path(uri(path)).parent.as_posix()) if target.is_file() else link[0]

    return LINK.sub(led, markdown)


def targets(path: Path) -> Iterator[Path]:
    """The files that a page links to."""
    found = ((path.parent / link).resolve() for link in LINK.findall(path.read_text()))
    return (target for target in found if target.is_file())


def uri(path: Path) -> str:
    """Where a file of the repository stands in the site."""
    return path.relative_to(ROOT).as_posix().removeprefix("docs/")
