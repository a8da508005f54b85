"""HTML and Markdown as what a reader sees."""

from __future__ import annotations

import pytest

from index.articles.blocks import Block
from index.articles.markup import html_blocks, markdown_blocks, page_tree


def shown(blocks: list[Block]) -> list[tuple[str, str, str]]:
    return [(block.kind[0], block.gap, block.text) for block in blocks]


def test_headings_paragraphs_lists_and_tables() -> None:
    html = """<h1>Title</h1><p>One <b>bold</b>
      paragraph.</p><ul><li>first</li><li>second <ul><li>nested</li></ul></li></ul><p>After.</p>
      <table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table><h2>End</h2>"""
    assert shown(html_blocks(html)) == [
        ("h", "\n\n", "Title"),
        ("p", "\n\n", "One bold paragraph."),
        ("p", "\n\n", "first"),
        ("p", "\n", "second"),
        ("p", "\n", "nested"),
        ("p", "\n\n", "After."),
        ("p", "\n\n", "a\tb"),
        ("p", "\n", "1\t2"),
        ("h", "\n\n", "End"),
    ]


def test_line_breaks() -> None:
    html = "<p>one<br>two<br> <br>three</p>"
    assert [block.text for block in html_blocks(html)] == ["one\ntwo", "three"]


def test_preformatted_text_keeps_its_lines() -> None:
    assert [block.text for block in html_blocks("<pre>if x:\n    y()\n</pre><p>a\n  b</p>")] == [
        "if x:\n    y()",
        "a b",
    ]


def test_what_is_not_the_text_is_left_out() -> None:
    html = """<nav>Menu</nav><script>var a</script><style>p{}</style><!-- note --><aside>Advert</aside>
      <p>Text<!-- x --> goes <svg><text>logo</text></svg>on.</p><footer>Imprint</footer> tail"""
    assert [block.text for block in html_blocks(html)] == ["Text goes on.", "tail"]


@pytest.mark.parametrize("html", ["", "   ", "<!-- only a comment -->", "<!DOCTYPE html>", "<frameset></frameset>"])
def test_pages_without_text(html: str) -> None:
    assert html_blocks(html) == []


def test_deep_elements_are_read_and_far_too_deep_ones_refused() -> None:
    def nested(depth: int) -> str:
        return "<div>" * depth + "deep" + "</div>" * depth

    assert page_tree(nested(100)) is not None
    assert page_tree(nested(300)) is None
    assert [block.text for block in html_blocks(nested(1000))] == ["deep"]
    with pytest.raises(ValueError, match="nested too deeply"):
        html_blocks(nested(5000))


def test_markdown_is_read_as_rendered() -> None:
    text = """# A *fine* title

A paragraph with `code`, a [link](https://example.org), an ![image](i.png)
and a second line.\\
A third.

- one
- two

  with more

> quoted

```py
def f():

    return 1
```

| a | b |
|---|---|
| 1 | 2 |

Setext
------
<div>raw <b>html</b></div>
"""
    assert shown(markdown_blocks(text)) == [
        ("h", "\n\n", "A fine title"),
        ("p", "\n\n", "A paragraph with code, a link, an and a second line.\nA third."),
        ("p", "\n\n", "one"),
        ("p", "\n", "two"),
        ("p", "\n", "with more"),
        ("p", "\n\n", "quoted"),
        ("p", "\n\n", "def f():"),
        ("p", "\n\n", "return 1"),
        ("p", "\n\n", "a\tb"),
        ("p", "\n", "1\t2"),
        ("h", "\n\n", "Setext"),
        ("p", "\n\n", "raw html"),
    ]


def test_markdown_that_is_nested_too_deeply_is_read_as_plain_text() -> None:
    assert [block.text for block in markdown_blocks(">" * 300 + " deep")] == [">" * 300 + " deep"]
