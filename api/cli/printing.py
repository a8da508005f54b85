"""Answers, articles and summaries as text for people, on a terminal or in a file. Prints nothing itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING

from rich.markup import escape

from api.plain.shapes import Answer, Article, Beside, Check, Citation, Hardware, Hit, Status

if TYPE_CHECKING:
    from index.ingest import Outcome, Summary


def answer_lines(answer: Answer) -> Iterator[str]:
    """An answer in rich markup: each hit's heading, its passage with the answering sentence marked, its citation."""
    if not answer.hits:
        yield "Nothing in the library matches. Try other words, fewer filters, or `pincite status`."
        return
    for hit in answer.hits:
        yield from _hit_lines(hit)
        yield from _stage_lines(hit)
        yield ""
    seconds = answer.timings_ms.get("total", 0.0) / 1000
    library = answer.library
    held = f"{library.passages:,} passages in {library.articles:,} articles"
    yield f"[dim]{len(answer.hits)} of {held}, {seconds:.2f} s[/]"
    if library.passages_without_vectors:
        yield f"[dim]{library.passages_without_vectors:,} passages have no vectors yet: only words find them[/]"


def _hit_lines(hit: Hit) -> Iterator[str]:
    cited = hit.citation
    about = " · ".join(escape(part) for part in (cited.source, _day(cited.published)) if part)
    yield f"[bold]{hit.rank}. {escape(_title(cited))}[/]  [dim]{about}{' · ' if about else ''}score {hit.score:.2f}[/]"
    yield _marked(hit)
    yield f"[cyan]\\[{hit.rank}] {escape(reference(cited))}[/]"
    yield f"[dim]    {escape(cited.id)}[/]"
    for other in hit.also_reported_by:
        yield f"[dim]    also reported by {escape(reference(other))}[/]"


def _stage_lines(hit: Hit) -> Iterator[str]:
    """One line a stage, where they were asked for: its name, the hit's rank and score there, and what the score is."""
    for stage in hit.explain or ():
        rank = f"#{stage.rank}" if stage.rank else ""
        yield f"[dim]    {stage.name:<17}{rank:>5}  {stage.score:>8.3f}  {stage.meaning}[/]"


def _marked(hit: Hit) -> str:
    """The passage with the answering sentence bold and between guillemets, so that it shows without colour too."""
    passage, text, last = hit.passage, "", 0
    for span in hit.highlights:
        start, end = span.start - passage.start, span.end - passage.start
        text += f"{escape(passage.text[last:start])}[bold yellow]»{escape(passage.text[start:end])}«[/]"
        last = end
    text += escape(passage.text[last:])
    return "\n".join(f"   {line}" for line in text.splitlines() if line.strip())


def reference(cited: Citation) -> str:
    """``outlet, title, date, url, characters a–b``, leaving out what is not known."""
    parts = [cited.source, _title(cited), _day(cited.published), cited.url, f"characters {cited.start}–{cited.end}"]
    return ", ".join(part for part in parts if part)


def _title(cited: Citation) -> str:
    return cited.title or cited.article_id


def _day(published: str | None) -> str | None:
    return published[:10] if published else None


def summary_lines(summary: Summary) -> Iterator[str]:
    """What `pincite index` did."""
    counts = ", ".join(f"{count:,} {fate}" for fate, count in summary.counts.items() if count) or "nothing to do"
    yield f"Articles: {counts}. Passages embedded or reused: {summary.passages:,}."
    for outcome in summary.rejected:
        yield rejection(outcome)


def rejection(outcome: Outcome) -> str:
    """Why one input was rejected, naming it."""
    message = outcome.error.message if outcome.error else "unknown"
    return f"rejected: {message}" if outcome.origin in message else f"rejected: {outcome.origin}: {message}"


def article_lines(article: Article, *, removed: bool) -> Iterator[str]:
    """An article with its metadata; with `removed`, what cleaning took out instead of the text."""
    facts = {
        "id": article.id,
        "revision": article.revision,
        "title": article.title,
        "source": article.source,
        "author": article.author,
        "published": article.published,
        "url": article.url,
        "language": article.language,
        "tags": ", ".join(article.tags),
        **{key: str(value) for key, value in article.metadata.items()},
    }
    yield from (f"{name + ':':<11}{value}" for name, value in facts.items() if value)
    yield ""
    yield from article.removed if removed else [article.text]


def check_lines(check: Check) -> Iterator[str]:
    """Whether a quote still stands."""
    cited = f"characters {check.cited_start}–{check.cited_end} at revision {check.cited_revision}"
    yield f"{check.status}: {check.article_id}, {cited}"
    if check.status == "moved" and check.citation:
        yield f"now at characters {check.citation.start}–{check.citation.end} at revision {check.revision}"
    if check.citation:
        yield f"“{check.citation.quote}”"


def status_lines(status: Status) -> Iterator[str]:
    """What the library holds, one fact a line."""
    facts = {field.name.replace("_", " "): getattr(status, field.name) for field in fields(status)}
    for name, value in facts.items():
        yield f"{name + ':':<26}{_fact(value)}"


def _fact(value: object) -> str:
    if isinstance(value, Mapping):
        return _counts(value)
    if isinstance(value, Beside):
        return f"{value.model}, {value.passages_without_vectors:,} passages without vectors"
    if isinstance(value, Hardware):
        return f"{value.device}, {value.precision}, {value.backend}"
    return "none" if value is None else str(value)


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name or '?'} {count}" for name, count in counts.items())
