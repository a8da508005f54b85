"""`pincite search`: a question, ranked passages."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from api.cli.opening import check_question, opened
from api.cli.output import AsJson, print_json, print_marked
from api.cli.printing import answer_lines
from api.plain.options import Group, Mode, Quote, SearchOptions

Strings = list[str] | None


def search(
    context: typer.Context,
    question: Annotated[
        str,
        typer.Argument(help='In plain words; "a phrase", -word, source:, author:, tag:, lang:, after:, before: too.'),
    ],
    limit: Annotated[int, typer.Option("--limit", "-n", help="How many hits, 1 to 100.")] = 5,
    mode: Annotated[Mode, typer.Option(help="By meaning and words, by meaning, or by words.")] = "hybrid",
    group: Annotated[Group, typer.Option(help="Fold hits of one story, of one article, or none.")] = "story",
    source: Annotated[
        Strings, typer.Option(help="Only from this outlet. May be repeated, as may the next three.")
    ] = None,
    language: Annotated[Strings, typer.Option(help="Only in this language, such as en.")] = None,
    tag: Annotated[Strings, typer.Option(help="Only with this tag.")] = None,
    author: Annotated[Strings, typer.Option(help="Only by this author.")] = None,
    after: Annotated[str | None, typer.Option(help="Only published on this date or later.")] = None,
    before: Annotated[str | None, typer.Option(help="Only published before this date.")] = None,
    half_life_days: Annotated[float | None, typer.Option(help="Prefer newer articles, by this half-life.")] = None,
    as_of: Annotated[
        str | None, typer.Option(help="When it is asked, for 'last week' and age, instead of now.")
    ] = None,
    rerank: Annotated[
        bool | None, typer.Option(help="Read the best hits again: better, slower.", show_default="in hybrid mode")
    ] = None,
    quote: Annotated[Quote, typer.Option(help="Cite the passage, or the sentence that answers.")] = "passage",
    explain: Annotated[bool, typer.Option("--explain", help="Tell what every stage said of every hit.")] = False,
    operators: Annotated[bool, typer.Option(help="Whether quotes, minus signs and keys mean something.")] = True,
    as_json: AsJson = False,
) -> None:
    """Answer a question with ranked passages and their citations.

    Example: pincite search "Why is Ukraine not ready for peace talks?" --after 2025-01-01
    """
    options: SearchOptions = {
        "operators": operators,
        "limit": limit,
        "mode": mode,
        "group": group,
        "rerank": rerank,
        "quote": quote,
        "explain": explain,
        "sources": source or [],
        "languages": language or [],
        "tags": tag or [],
        "authors": author or [],
        "published_after": after,
        "published_before": before,
        "half_life_days": half_life_days,
        "as_of": as_of,
    }
    check_question(context.obj, question, options)
    with opened(context.obj) as library:
        answer = library.search(question, **options)
    if as_json:
        print_json(asdict(answer))
    else:
        print_marked(answer_lines(answer))
