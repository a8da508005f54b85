"""From data to HTML: the templates, with every value escaped, and the headers that keep hostile articles harmless.

Nothing inline runs or styles: the content-security policy allows only what this server serves. An address becomes a
link only where it can open nothing but a web page.
"""

from __future__ import annotations

import json
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from api.page import words
from api.page.assets import asset_path
from api.page.languages import language_name
from search.references import web_address

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
    "Vary": "Authorization, X-API-Key, Pincite-Collection",
}


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("api.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= {"day": words.day, "month": words.month, "language": language_name, "link": web_address}
    made.filters["json"] = lambda value: json.dumps(value, ensure_ascii=False)
    made.globals |= {"asset": asset_path, "count": words.count}
    return made


TEMPLATES = _environment()


def page(template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A template filled in, with the headers that every page has."""
    html = TEMPLATES.get_template(template).render(**values)
    return HTMLResponse(html, status, headers=HEADERS)
