"""The HTTP application: routes, error shape, limits and lifespan put together."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware

from api.chat.dify.errors import PREFIX as DIFY
from api.chat.dify.errors import DifyErrors, dify_error
from api.chat.hosts import ROUTERS
from api.chat.mcp.serving import McpEndpoint
from api.collections import Collections
from api.failures import HTTP_CODES, shape, shape_of_validation
from api.fetching import Web
from api.keys import KeyRing
from api.middleware.admission import LARGEST_QUESTION, Admission, Limits
from api.middleware.gate import Gate
from api.middleware.methods import Heads, allowed
from api.middleware.observing import Observing
from api.middleware.origins import Origins
from api.middleware.permits import Kind, Permits
from api.middleware.rates import Rates
from api.observing.metrics import Metrics
from api.observing.tracing import Tracing
from api.page import routes as page
from api.page.answers import Answers
from api.replies import reply_to
from api.routes import articles, citations, collections, facets, fetching, health, metrics, search
from api.service import Service
from api.settings import Settings, names_in
from index.errors import InvalidInput, PinciteError

logger = logging.getLogger("pincite")

DEFAULTS = Settings()

ACROSS_ORIGINS: dict[str, Any] = {
    "allow_methods": ["GET", "HEAD", "POST", "PUT", "DELETE"],
    "allow_headers": ["Authorization", "Content-Type", "X-API-Key", "Pincite-Collection", "MCP-Protocol-Version"],
    "expose_headers": ["Retry-After", "X-Request-ID"],
    "allow_private_network": True,
}

DESCRIPTION = """Semantic search over articles. Every answer is a ranked passage with a citation that can be checked:
`article.text[start:end] == quote`, in Unicode code points. Every error has one shape, `{"error": {code, message,
detail}}`. HEAD is answered wherever GET is, in the same way but for the body."""


def create_app(
    service: Service | Collections,
    settings: Settings = DEFAULTS,
    keys: KeyRing | None = None,
    tracing: Tracing | None = None,
    when_warm: Callable[[], object] = lambda: None,
) -> FastAPI:
    """The application over open collections, or over one service alone. It loads the model in the background and closes
    all of them at its end.

    Args:
        service: what answers.
        settings: limits.
        keys: the keys in use; None where everybody may do everything.
        tracing: what makes traces, if anything.
        when_warm: called once, in a thread, when the model is loaded.
    """
    served = service if isinstance(service, Collections) else Collections.alone(service)
    mcp = McpEndpoint(LARGEST_QUESTION)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        for one in served.opened().values():
            one.look_after()
        warming = threading.Thread(target=_warm, args=(served.default, when_warm), daemon=True)
        warming.start()
        async with mcp.running():
            yield
        warming.join()  # it is using what is closed next
        served.close()
        if tracing:
            tracing.close()

    app = FastAPI(
        title="Pincite",
        version=version("pincite"),
        summary="Ranked passages with citations exact to the character.",
        description=DESCRIPTION,
        lifespan=lifespan,
        redirect_slashes=False,
        # FastAPI's pages load their scripts from a public network; Pincite works without one.
        docs_url=None,
        redoc_url=None,
    )
    app.state.service, app.state.settings = served.default, settings
    app.state.web, app.state.answers = Web(settings), Answers()
    for routes in (search, facets, fetching, articles, citations, collections, health, metrics, page):
        app.include_router(routes.router)
    for router in ROUTERS:
        app.include_router(router)
    app.router.routes.extend(mcp.routes())
    _guard(app, served, settings, keys, tracing)
    app.add_middleware(DifyErrors)
    _answer_errors(app)
    return app


def _guard(
    app: FastAPI, collections: Collections, settings: Settings, keys: KeyRing | None, tracing: Tracing | None
) -> None:
    """Put the middleware before the routes; the last one added is the first that a request comes to."""
    permits: dict[Kind, Permits] = {
        "read": Permits(settings.searches or 2 * (os.cpu_count() or 1), settings.queue),
        "write": Permits(settings.writes, settings.queue),
    }
    app.state.metrics = figures = Metrics(collections, permits)
    collections.watched_by(lambda name: (figures.of(name), *((tracing.of(name),) if tracing else ())))
    seconds = float(settings.timeout_seconds)
    limits: dict[Kind, Limits] = {
        "read": Limits(min(LARGEST_QUESTION, settings.max_body_mb * 2**20), seconds, seconds),
        "write": Limits(settings.max_body_mb * 2**20, seconds, None),
    }
    origins = names_in(settings.origins)
    app.add_middleware(Heads)
    app.add_middleware(Admission, permits=permits, limits=limits)
    app.add_middleware(Gate, keys=keys, collections=collections, rates=Rates(settings.requests_per_minute))
    if origins:
        app.add_middleware(CORSMiddleware, allow_origins=origins, **ACROSS_ORIGINS)
    app.add_middleware(Origins, hosts=names_in(settings.hosts), origins=origins, keys=keys)
    app.add_middleware(Observing, metrics=figures, tracing=tracing)


def _warm(service: Service, when_warm: Callable[[], object]) -> None:
    try:
        service.warm()
        when_warm()
    except PinciteError as error:
        logger.error("The model cannot be loaded: %s", error.message)  # noqa: TRY400 - the message says all


def _answer_errors(app: FastAPI) -> None:
    """Give every error the one shape."""

    @app.exception_handler(PinciteError)
    def own(_: Request, error: PinciteError) -> JSONResponse:
        return reply_to(error)

    @app.exception_handler(RequestValidationError)
    def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        return JSONResponse(shape_of_validation(error.errors()), 422)

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> JSONResponse:
        if error.status_code == 400:  # how the framework tells of a body that it cannot parse
            return reply_to(InvalidInput(str(error.detail), field="body"))
        code = HTTP_CODES.get(error.status_code, "invalid_input")
        message = f"{request.method} {request.url.path}: {error.detail}."
        headers = error.headers if error.status_code != 405 else {"Allow": allowed(app.routes, request.scope)}
        return JSONResponse(shape(code, message), error.status_code, headers=headers)

    @app.exception_handler(Exception)
    def unforeseen(request: Request, _: Exception) -> JSONResponse:
        # The server logs it; the id is what to look for there.
        headers = {"X-Request-ID": request.state.request_id}
        told = shape("internal", "Pincite failed at this request; its log says why.")
        if request.url.path.startswith(DIFY):  # answered in front of all middleware, its translation too
            told = dify_error(told["error"], 500, request.headers)
        return JSONResponse(told, 500, headers)
