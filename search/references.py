"""A citation as other programs and people write it: plain text, Markdown, BibTeX, CSL-JSON, a W3C annotation.

Takes a finished citation and only writes it down. Whatever stands in titles and quotes is escaped by each format's own
rules; only addresses that are http or https become links.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, Literal
from urllib.parse import quote as percent_encode

from search.answer import Citation

Format = Literal["plain", "markdown", "bibtex", "csl-json", "annotation"]

MEDIA_TYPES: Mapping[Format, str] = {
    "plain": "text/plain",
    "markdown": "text/markdown",
    "bibtex": "application/x-bibtex",
    "csl-json": "application/vnd.citationstyles.csl+json",
    "annotation": 'application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"',
}

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~]|^[-+=]|(?<=\d)[.)](?= )|!(?=\[)|&(?=[#\w]+;))", re.MULTILINE)
_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "_": r"\_",
    "%": r"\%",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def written(citation: Citation, form: Format) -> str:
    """The citation in this format."""
    return _WRITERS[form](citation)


def web_address(address: str | None) -> str | None:
    """The address, if a click on it can only open a web page: http or https, with nothing that could be read as
    another scheme."""
    if address is None or not re.match(r"https?://[^\s\x00-\x20]", address, re.IGNORECASE):
        return None
    return None if re.search(r"[\x00-\x1f\x7f]", address) else address


def plain(citation: Citation) -> str:
    """“Quote” (Author, “Title”, Outlet, date, characters 0–9, address)."""
    title = f"“{_one_line(citation.title)}”" if citation.title else None
    facts = [citation.author, title, citation.source, citation.published, _place(citation), web_address(citation.url)]
    return f"“{_one_line(citation.quote)}” ({', '.join(map(_one_line, filter(None, facts)))})"


def markdown(citation: Citation) -> str:
    """A block quotation with a line that says where it is from, the title linked to the quote on the live page."""
    lines = [_escaped(line) for line in citation.quote.strip().split("\n")]
    title = f"“{_escaped(_one_line(citation.title or citation.article_id))}”"
    link = web_address(citation.deep_link or citation.url)
    linked = f"[{title}](<{_link_target(link)}>)" if link else title
    source = f"*{_escaped(_one_line(citation.source))}*" if citation.source else None
    author = _escaped(_one_line(citation.author)) if citation.author else None
    facts = ", ".join(filter(None, [author, linked, source, citation.published, _place(citation)]))
    return "\n".join(f"> {line}".rstrip() for line in [*lines, "", f"— {facts}"])


def bibtex(citation: Citation) -> str:
    """One ``@article`` entry; the quote and its place stand in its note."""
    year, _, rest = (citation.published or "").partition("-")
    names = [name.strip() for name in (citation.author or "").split(";") if name.strip()]
    fields = {
        "author": " and ".join(f"{{{_latex(name)}}}" if _is_one_name(name) else _latex(name) for name in names),
        "title": f"{{{_latex(citation.title)}}}" if citation.title else "",
        "journal": _latex(citation.source or ""),
        "year": year,
        "month": str(int(rest[:2])) if rest[:2].isdecimal() else "",
        "day": str(int(rest[3:5])) if rest[3:5].isdecimal() else "",
        "url": percent_encode(web_address(citation.url) or "", safe=":/?#[]@!$&'()*+,;=%-._~"),
        "note": f"“{_latex(citation.quote)}”, {_place(citation)}, revision {citation.revision}",
    }
    body = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@article{{{_key(citation, year)},\n{body}}}"


def csl_json(citation: Citation) -> str:
    """What Zotero, Mendeley and citeproc import: a list of one item, the quote in its ``annote``."""
    names = [name.strip() for name in (citation.author or "").split(";") if name.strip()]
    item: dict[str, Any] = {
        "id": citation.id,
        "type": "article-newspaper",
        "title": citation.title,
        "container-title": citation.source,
        "author": [{"literal": name} for name in names],
        "issued": {"date-parts": [[int(part) for part in citation.published[:10].split("-")]]}
        if citation.published
        else None,
        "URL": web_address(citation.url),
        "annote": citation.quote,
        "note": f"{_place(citation)}, revision {citation.revision}",
    }
    return _json([{name: value for name, value in item.items() if value}])


def annotation(citation: Citation) -> str:
    """A W3C Web Annotation (https://www.w3.org/TR/annotation-model/) that highlights the quote in the article."""
    quoted, position = citation.selectors
    source = web_address(citation.url) or f"urn:pincite:article:{percent_encode(citation.article_id, safe='')}"
    return _json(
        {
            "@context": "http://www.w3.org/ns/anno.jsonld",
            "id": f"urn:pincite:citation:{citation.id}",
            "type": "Annotation",
            "motivation": "highlighting",
            "target": {
                "source": source,
                "selector": [
                    {
                        "type": "TextQuoteSelector",
                        "exact": quoted.exact,
                        "prefix": quoted.prefix,
                        "suffix": quoted.suffix,
                    },
                    {"type": "TextPositionSelector", "start": position.start, "end": position.end},
                ],
            },
        }
    )


_WRITERS: Mapping[Format, Callable[[Citation], str]] = {
    "plain": plain,
    "markdown": markdown,
    "bibtex": bibtex,
    "csl-json": csl_json,
    "annotation": annotation,
}


def _place(citation: Citation) -> str:
    return f"characters {citation.start}–{citation.end}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _escaped(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", text)


def _link_target(address: str) -> str:
    return percent_encode(address, safe=":/?#[]@!$&'()*+,;=%-._~")


def _latex(text: str) -> str:
    return "".join(_LATEX.get(mark, mark) for mark in _one_line(text))


def _is_one_name(name: str) -> bool:
    """Whether BibTeX would take a name apart that is one: a word "and", or a comma."""
    return "," in name or " and " in f" {name.lower()} "


def _key(citation: Citation, year: str) -> str:
    """Letters and digits: outlet, year, first word of the title."""
    first = (citation.title or citation.article_id).split()[:1]
    words = [citation.source or "", year, *first]
    plain_words = unicodedata.normalize("NFKD", "".join(words)).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]", "", plain_words).lower() or f"pincite{citation.revision[:8]}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
