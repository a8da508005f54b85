"""The routes of the page: each puts data into a template. Errors become pages too, with the status that they have.

Who has no key, where keys are in use, is shown the door: a field for a key, which script keeps for the browser's tab
and sends with every request; or, without script, the browser's own question for a password (`/log-in`), which lets
read but not write. Nothing of a library is on that page.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from starlette.responses import HTMLResponse

from api.access import ANYBODY, NOBODY, Access
from api.failures import headers_of, shape_of_validation, status_of
from api.page.address import Address
from api.page.answers import Answers
from api.page.assets import assets
from api.page.holdings import library_view
from api.page.paths import LOG_IN
from api.page.reading import article_view
from api.page.rendering import HEADERS, page
from api.page.searching import search_view
from api.routes.common import access_of_request
from api.service import Service
from api.shelf import DEFAULT
from index.errors import InvalidInput, KeyRequired, NotFound, PinciteError

router = APIRouter(include_in_schema=False)

Fill = Callable[[Service, Address], tuple[str, dict[str, Any]]]
"""Gives a template and what to put into it."""


@router.get("/")
def search(request: Request) -> HTMLResponse:
    """The search, with its answers where a question is asked."""

    def fill(service: Service, address: Address) -> tuple[str, dict[str, Any]]:
        view = search_view(service, address, _answers(request))
        return "search.html", {"view": view, "articles": _number_of_articles(service)}

    return _shown(request, "search", fill)


@router.get("/articles/{article_id:path}")
def article(article_id: str, request: Request) -> HTMLResponse:
    """An article, with a cited place marked."""

    def fill(service: Service, address: Address) -> tuple[str, dict[str, Any]]:
        return "article.html", {"view": article_view(service, article_id, address, _answers(request))}

    return _shown(request, "read", fill)


@router.get("/library")
def library(request: Request) -> HTMLResponse:
    """What is in the library."""

    def fill(service: Service, address: Address) -> tuple[str, dict[str, Any]]:
        return "library.html", {"view": library_view(service, address, request.query_params.get("cursor"))}

    return _shown(request, "library", fill)


@router.get(LOG_IN)
def log_in(request: Request, to: str = "/") -> Response:
    """Makes a browser without script ask for a key by itself, and goes back to where it came from."""
    if access_of_request(request).caller == NOBODY:
        challenge = {"WWW-Authenticate": 'Basic realm="Pincite: any name, the key as password", charset="UTF-8"'}
        return Response("A key is needed.", 401, headers=HEADERS | challenge, media_type="text/plain")
    own = to.startswith("/") and not to.startswith(("//", "/\\"))
    return RedirectResponse(to if own else "/", 303, headers=HEADERS)


@router.get("/static/{version}/{name}")
def static(name: str) -> Response:
    """A style, a script or the icon."""
    if name not in assets():
        raise NotFound(f"There is no file {name!r}.")
    asset = assets()[name]
    headers = HEADERS | {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(asset.content, headers=headers, media_type=asset.media_type)


def _answers(request: Request) -> Answers:
    answers: Answers = request.app.state.answers
    return answers


def _number_of_articles(service: Service) -> int:
    with service.library.snapshot() as snapshot:
        return snapshot.counts()[0]


def _shown(request: Request, here: str, fill: Fill) -> HTMLResponse:
    """A page, or the one that says why not."""
    access, address = access_of_request(request), Address.of(request)
    frame = _frame(access, address, here)
    try:
        service = access.service(address.get("collection") or None)
        writes = access.caller.may("write")
        try:
            template, values = fill(service, address)
        except (ValidationError, InvalidInput) as error:
            if here != "search":
                raise
            return _unsearchable(error, service, address, frame)
        return page(template, **frame, **values, writes=writes)
    except KeyRequired as error:
        locked = page("locked.html", 401, **frame, locked=here, again=_again(request))
        locked.headers.update(headers_of(error))
        return locked
    except ValidationError as error:
        return page("error.html", 422, **frame, heading="This address names nothing", message=_problem(error))
    except PinciteError as error:
        heading = "Not here" if isinstance(error, NotFound) else "That did not work"
        return page("error.html", status_of(error), **frame, heading=heading, message=error.message)


def _unsearchable(error: Exception, service: Service, address: Address, frame: dict[str, Any]) -> HTMLResponse:
    """The search as it was typed, with what is wrong with it."""
    view = search_view(service, Address(address.kept().pairs), Answers())
    typed = {"question": address.get("q"), "address": address}
    shown = {name: getattr(view, name) for name in view.__slots__} | typed
    values = {"view": shown, "articles": _number_of_articles(service), "problem": _problem(error), "writes": False}
    return page("search.html", 422, **frame, **values)


def _problem(error: Exception) -> str:
    if isinstance(error, ValidationError):
        problems = [{"loc": ("query", *one["loc"]), "msg": one["msg"]} for one in error.errors()]
        message: str = shape_of_validation(problems)["error"]["message"]
        return message
    return error.message if isinstance(error, PinciteError) else str(error)


def _frame(access: Access, address: Address, here: str) -> dict[str, Any]:
    """What the frame around every page shows."""
    named = access.caller not in (ANYBODY, NOBODY)
    collections = access.names() if access.caller != NOBODY and access.caller.may("search") else []
    return {
        "here": here,
        "kept": address.kept(),
        "collections": collections,
        "collection": address.get("collection") or DEFAULT,
        "caller": named,
    }


def _again(request: Request) -> str:
    """Where a browser without script logs in, to come back here."""
    query = f"?{request.url.query}" if request.url.query else ""
    return Address((("to", f"{request.url.path}{query}"),)).at(LOG_IN)
