"""Answers in Slack's Block Kit, within its limits. Plain dictionaries; knows no HTTP.

Text of articles is escaped, so that nothing in it is a link, a mention or a command to Slack.
"""

from __future__ import annotations

import json
from typing import Any

from search.answer import Answer, Citation, Hit
from search.query import DEEPEST_OFFSET

PAGE = 5
"""How many hits a message shows."""

MORE = "pincite_more"
LONGEST_SECTION = 3_000
LONGEST_VALUE = 2_000
LONGEST_LINK = 1_000
LONGEST_PASSAGE = 1_200
LONGEST_TITLE = 200

Block = dict[str, Any]
Message = dict[str, Any]


def message(answer: Answer) -> Message:
    """A message with the first `PAGE` hits; where there are more, with a button that asks for them.

    `answer` must have been asked for `PAGE` + 1 hits, so that it is known whether there are more.
    """
    shown = answer.hits[:PAGE]
    if not shown:
        return note(f"Nothing was found for “{answer.query.text}”.")
    blocks = [_section(f"*{_escaped(answer.query.text, LONGEST_PASSAGE)}*"), _context(_sureness(answer))]
    blocks += [block for hit in shown for block in _hit(hit)]
    blocks += _buttons(answer)
    text = "; ".join(hit.citation.title or hit.citation.article_id for hit in shown)
    return {"response_type": "ephemeral", "text": _escaped(text, LONGEST_SECTION), "blocks": blocks}


def note(text: str) -> Message:
    """A message of one sentence, for the person who asked."""
    return {"response_type": "ephemeral", "text": _escaped(text, LONGEST_SECTION)}


def asked_for(value: str) -> tuple[str, int]:
    """The question and the offset that a button stands for; ValueError for what no button of ours holds."""
    match json.loads(value):
        case {"question": str(question), "offset": int(offset)}:
            return question, offset
    raise ValueError("this is no button of Pincite's")


def _hit(hit: Hit) -> list[Block]:
    cited = hit.citation
    about = " · ".join(part for part in (cited.source, cited.author, cited.published) if part)
    heading = f"*{_linked(cited)}*" + (f"\n{_escaped(about, LONGEST_TITLE)}" if about else "")
    quoted = "\n".join(f"> {line}" for line in _passage(hit).splitlines() if line)
    others = ", ".join(other.source or other.article_id for other in hit.also_reported_by)
    facts = f"{hit.rank} · score {hit.score:.2f}" + (f" · also reported by {others}" if others else "")
    return [_section(f"{heading}\n{quoted}"), _context(_escaped(facts, LONGEST_TITLE))]


def _passage(hit: Hit) -> str:
    """The passage, from the sentence that answers on where the whole is too long."""
    passage = hit.passage
    start = hit.highlights[0].start - passage.start if hit.highlights else 0
    whole = len(passage.text) <= LONGEST_PASSAGE
    return _escaped(passage.text if whole else passage.text[start:], LONGEST_PASSAGE)


def _linked(cited: Citation) -> str:
    title = _escaped(cited.title or cited.article_id, LONGEST_TITLE)
    links = [link for link in (cited.deep_link, cited.url) if link and len(link) <= LONGEST_LINK]
    return f"<{_in_link(links[0])}|{title}>" if links else title


def _in_link(link: str) -> str:
    """An address as it may stand in a link: with nothing that would end it there."""
    return _escaped(link.replace("|", "%7C").replace("<", "%3C").replace(">", "%3E"), 2 * LONGEST_LINK)


def _buttons(answer: Answer) -> list[Block]:
    following = answer.query.offset + PAGE
    value = json.dumps({"question": answer.query.text, "offset": following}, ensure_ascii=False)
    if len(answer.hits) <= PAGE or following > DEEPEST_OFFSET or len(value) > LONGEST_VALUE:
        return []
    label = {"type": "plain_text", "text": "Show more"}
    button = {"type": "button", "action_id": MORE, "text": label, "value": value}
    return [{"type": "actions", "elements": [button]}]


def _sureness(answer: Answer) -> str:
    return f"How sure Pincite is that an answer is here: {answer.answerable:.0%}"


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:LONGEST_SECTION]}}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text}]}


def _escaped(text: str, most: int) -> str:
    """Text as Slack's markup takes it, at most so many characters of it, whole escapes only."""
    escaped = ""
    for char in text:
        piece = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}.get(char, char)
        if len(escaped) + len(piece) > most - 1:
            return escaped + "…"
        escaped += piece
    return escaped
