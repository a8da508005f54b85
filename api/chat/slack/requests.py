"""Requests from Slack and replies to it: is it really Slack that asks, and where may an answer be sent?

The one place that uses Slack's SDK, an extra.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from urllib.parse import parse_qs, urlsplit

from api.chat.slack.blocks import Message
from index.errors import InvalidInput, MissingExtra, Refused

log = logging.getLogger("pincite")

MOST_FIELDS = 100
SECONDS_TO_SEND = 10


def check_signature(secret: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Go on only if Slack signed this body, not more than five minutes ago.

    Raises:
        MissingExtra: Slack's SDK is not installed.
        Refused: it did not.
    """
    if find_spec("slack_sdk") is None:
        raise MissingExtra("Slack needs an extra: pip install 'pincite[slack]', then start the server again.")
    from slack_sdk.signature import SignatureVerifier  # noqa: PLC0415 - an extra

    try:
        genuine = SignatureVerifier(secret).is_valid_request(body, dict(headers))
    except (ValueError, TypeError):
        genuine = False
    if not genuine:
        raise Refused("This request was not signed by Slack with the secret that is set, or not just now.")


def form(body: bytes) -> dict[str, str]:
    """The fields of a form, the first value of each.

    Raises:
        InvalidInput: it is none.
    """
    try:
        fields = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError as error:
        raise InvalidInput("The body is not a form in UTF-8.", field="body") from error
    return {name: values[0] for name, values in fields.items()}


def check_address(url: str, origins: Sequence[str]) -> str:
    """The address, if answers may be sent there.

    Raises:
        InvalidInput: its origin is not among these.
    """
    parts = urlsplit(url)
    if f"{parts.scheme}://{parts.netloc}".lower() not in {origin.lower().rstrip("/") for origin in origins}:
        raise InvalidInput("response_url is not an address of Slack.", field="response_url")
    return url


def send(url: str, message: Message) -> None:
    """Send a message to a `response_url`; what goes wrong is told in the log, since nobody waits for it."""
    from slack_sdk.webhook import WebhookClient  # noqa: PLC0415 - an extra

    try:
        reply = WebhookClient(url, timeout=SECONDS_TO_SEND).send_dict(message)
    except OSError as error:
        log.error("Slack did not take an answer: %s", error)  # noqa: TRY400 - the message says all
        return
    if reply.status_code != 200:
        log.error("Slack did not take an answer: HTTP %s, %s", reply.status_code, reply.body[:200])
