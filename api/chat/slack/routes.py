"""`/slack/commands` and `/slack/interactions`, which Slack calls without a key: its signature is proof enough.

Slack waits three seconds. What takes longer is acknowledged and sent to the request's `response_url`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from api.access import Access, Caller
from api.chat.slack.blocks import MORE, PAGE, Message, asked_for, message, note
from api.chat.slack.requests import check_address, check_signature, form, send
from api.keys import EVERY_COLLECTION
from api.routes.common import access_of_request, errors
from api.settings import Settings, names_in
from index.errors import InvalidInput, NotFound, PinciteError, TooManyRequests
from search.query import Query

router = APIRouter(prefix="/slack", tags=["slack"])

SECONDS_TO_ANSWER = 2.0
SLACK = Caller("", "slack", frozenset({"search"}), frozenset({EVERY_COLLECTION}))
HELP = 'Ask a question, such as /pincite Why was the bridge closed? "phrases", -words, source:, after: and so on work.'
BUSY = "Pincite is busy with other questions. Ask again in a moment."

FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}},
    }
}
MOST_LATER = 32
"""Answers that may be on their way to Slack at once; they hold no permit, since Slack no longer waits for them."""

_sending: set[asyncio.Task[None]] = set()


@router.post("/commands", operation_id="slack_command", responses=errors(403, 413, 501), openapi_extra=FORM)
async def command(request: Request) -> Response:
    """Answer a slash command of Slack's with cited passages."""
    fields = form(await _signed(request))
    question = fields.get("text", "").strip()
    if not question or question == "help":
        return JSONResponse(note(HELP))
    if len(_sending) >= MOST_LATER:
        return JSONResponse(note(BUSY))
    finding = asyncio.ensure_future(asyncio.to_thread(_answered, request, question, 0))
    done, _ = await asyncio.wait({finding}, timeout=SECONDS_TO_ANSWER)
    if done:
        return JSONResponse(finding.result())
    url = check_address(fields.get("response_url", ""), _origins(request))
    _later(_sent(url, finding))
    return JSONResponse(note("Searching …"))


@router.post("/interactions", operation_id="slack_interaction", responses=errors(403, 413, 501), openapi_extra=FORM)
async def interaction(request: Request) -> Response:
    """Show more passages when somebody presses the button."""
    question, offset, url = _pressed(form(await _signed(request)).get("payload", ""))
    check_address(url, _origins(request))
    if len(_sending) >= MOST_LATER:
        raise TooManyRequests(BUSY, retry_after_seconds=int(SECONDS_TO_ANSWER))
    finding = asyncio.ensure_future(asyncio.to_thread(_answered, request, question, offset))
    _later(_sent(url, finding))
    return Response()


async def _signed(request: Request) -> bytes:
    """The body, if Slack signed it.

    Raises:
        NotFound: Slack is not set up here.
        Refused, MissingExtra: see `check_signature`.
    """
    secret = _settings(request).slack_signing_secret
    if not secret:
        raise NotFound("Slack is not set up here: set PINCITE_SLACK_SIGNING_SECRET and start the server again.")
    body = await request.body()
    check_signature(secret, body, request.headers)
    return body


def _answered(request: Request, question: str, offset: int) -> Message:
    """The message that answers, or that says why there is no answer."""
    access = Access(access_of_request(request).collections, SLACK)
    try:
        service = access.service(_settings(request).slack_collection or None)
        return message(service.search(Query(question, limit=PAGE + 1, offset=offset)))
    except PinciteError as error:
        return note(error.message)


def _pressed(payload: str) -> tuple[str, int, str]:
    """The question, the offset and the address of a button that was pressed."""
    try:
        match json.loads(payload):
            case {"actions": [{"action_id": action, "value": str(value)}, *_], "response_url": str(url)}:
                if action == MORE:
                    return *asked_for(value), url
    except ValueError as error:
        raise InvalidInput("payload is not what a button of Pincite's sends.", field="payload") from error
    raise InvalidInput("payload is not what a button of Pincite's sends.", field="payload")


async def _sent(url: str, finding: asyncio.Future[Message]) -> None:
    answer = await finding
    await asyncio.to_thread(partial(send, url, answer | {"replace_original": False}))


def _later(work: Coroutine[Any, Any, None]) -> None:
    """Do this after the reply; the task is kept until it is done, which asyncio alone would not do."""
    task = asyncio.ensure_future(work)
    _sending.add(task)
    task.add_done_callback(_sending.discard)


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def _origins(request: Request) -> list[str]:
    return names_in(_settings(request).slack_response_origins)
