"""Slack: signed requests, answers within Block Kit's limits as Slack's own SDK checks them, and answers sent later."""

from __future__ import annotations

import json
import re
import shlex
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import numpy as np
import pytest
import yaml
from slack_sdk.models.blocks import Block

from api.chat.slack import requests
from api.chat.slack.blocks import MORE
from api.chat.slack.routes import MOST_LATER
from api.keys import KeyRing
from api.service import Service
from api.settings import Settings
from index.embedding.hashing import HashingEmbedder
from index.library.opening import open_library
from tests.api.chat.from_slack import SECRET, Inbox, signed
from tests.api.chat.pages import blocks as pasted_blocks
from tests.api.chat.pages import page
from tests.api.chat.serving import Served, filled, post, serving

MANY = [
    {"id": f"a{number}", "title": f"Harbour bridge, part {number} <&>", "text": f"The bridge needs repair {number}."}
    for number in range(13)
]


@pytest.fixture(scope="module")
def inbox() -> Iterator[Inbox]:
    inbox = Inbox()
    yield inbox
    inbox.close()


def settings(inbox: Inbox, **values: Any) -> Settings:
    return Settings(slack_signing_secret=SECRET, slack_response_origins=inbox.origin, **values)


@pytest.fixture(scope="module")
def slack(tmp_path_factory: pytest.TempPathFactory, inbox: Inbox) -> Iterator[Served]:
    with serving(filled(tmp_path_factory.mktemp("slack") / "library", MANY), settings(inbox)) as served:
        yield served


def commanded(served: Served, text: str, **fields: str) -> httpx.Response:
    body = urlencode({"command": "/pincite", "text": text, "user_id": "U1", **fields}).encode()
    return post(f"{served.url}/slack/commands", content=body, headers=signed(body))


def pressed(served: Served, payload: Any) -> httpx.Response:
    body = urlencode({"payload": payload if isinstance(payload, str) else json.dumps(payload)}).encode()
    return post(f"{served.url}/slack/interactions", content=body, headers=signed(body))


def checked(message: dict[str, Any]) -> list[dict[str, Any]]:
    """The message's blocks, each of which Slack's own models accept."""
    assert message["response_type"] == "ephemeral"
    assert len(message["text"]) <= 3_000
    shown: list[dict[str, Any]] = message["blocks"]
    assert 0 < len(shown) <= 50
    for block in Block.parse_all(shown):
        assert type(block) is not Block
        block.validate_json()
    return shown


def titles(message: dict[str, Any]) -> list[str]:
    texts = [block["text"]["text"] for block in checked(message)[1:] if block["type"] == "section"]
    return [re.findall(r"part (\d+)", text)[0] for text in texts]


# Answers


def test_a_command_is_answered_with_cited_passages(slack: Served) -> None:
    reply = commanded(slack, "Which bridge needs repair?")
    assert reply.status_code == 200
    shown = checked(reply.json())
    assert shown[0]["text"]["text"] == "*Which bridge needs repair?*"
    assert shown[1]["elements"][0]["text"].startswith("How sure Pincite is that an answer is here: ")
    assert "part" in shown[2]["text"]["text"]
    assert "&lt;&amp;&gt;" in shown[2]["text"]["text"]
    assert "\n> The bridge needs repair" in shown[2]["text"]["text"]
    assert len(titles(reply.json())) == 5
    assert shown[-1]["elements"][0]["action_id"] == MORE


def test_a_passage_is_linked_to_its_quote(tmp_path: Path, inbox: Inbox) -> None:
    odd = {
        "id": "odd",
        "title": "A | B > C",
        "text": "The bridge *will* close. <!channel> & <@U1>\n" + " ".join(f"word{n}" for n in range(120)),
        "url": "https://gazette.example/a|b",
        "source": "Gazette",
        "published": "2025-01-13",
    }
    with serving(filled(tmp_path / "library", [odd]), settings(inbox)) as served:
        shown = checked(commanded(served, "When will the bridge close?").json())
    text = shown[2]["text"]["text"]
    link = r"\*<(https://gazette\.example/a%7Cb#:~:text=[^|>]+)\|A \| B &gt; C>\*\nGazette · 2025-01-13\n"
    assert re.match(link, text), text
    assert "<!channel>" not in text
    assert "&lt;!channel&gt; &amp; &lt;@U1&gt;" in text
    assert shown[-1]["type"] == "context"


@pytest.mark.parametrize("text", ["", "  ", "help"])
def test_without_a_question_the_command_explains_itself(slack: Served, text: str) -> None:
    message = commanded(slack, text).json()
    assert message["response_type"] == "ephemeral"
    assert message["text"].startswith("Ask a question, such as /pincite Why")


def test_what_cannot_be_asked_is_told_to_the_person(slack: Served) -> None:
    assert "before" in commanded(slack, "bridge before:soon").json()["text"]
    assert commanded(slack, "bridge source:nobody").json()["text"] == "Nothing was found for “bridge source:nobody”."


def test_the_button_shows_the_following_passages(slack: Served, inbox: Inbox) -> None:
    message = commanded(slack, "Which bridge needs repair?").json()
    seen = [titles(message)]
    while message["blocks"][-1]["type"] == "actions":
        (action,) = message["blocks"][-1]["elements"]
        payload = {"type": "block_actions", "actions": [action], "response_url": f"{inbox.origin}/actions/1"}
        reply = pressed(slack, payload)
        assert (reply.status_code, reply.content) == (200, b"")
        message = inbox.next()
        assert message["replace_original"] is False
        seen.append(titles(message))
    assert [len(one) for one in seen] == [5, 5, 3]
    assert sorted(int(number) for one in seen for number in one) == list(range(13))


def test_long_texts_stay_within_the_limits(tmp_path: Path, inbox: Inbox) -> None:
    question = "bridge " + "&" * 2_500
    long = [one | {"title": "<" * 5_000, "source": "&" * 900} for one in MANY]
    with serving(filled(tmp_path / "library", long), settings(inbox)) as served:
        shown = checked(commanded(served, question).json())
    assert shown[-1]["type"] == "context"  # the question is too long for a button


class Slow(HashingEmbedder):
    """A model that takes its time for a question."""

    def embed_question(self, text: str) -> Any:
        time.sleep(2.5)
        found: np.ndarray[Any, Any] = super().embed_question(text)
        return found


def test_what_takes_long_is_acknowledged_and_sent_later(tmp_path: Path, inbox: Inbox) -> None:
    filled(tmp_path / "library").close()
    with serving(Service(open_library(tmp_path / "library"), Slow), settings(inbox)) as served:
        reply = commanded(served, "When will the bridge close?", response_url=f"{inbox.origin}/commands/1")
        assert reply.json() == {"response_type": "ephemeral", "text": "Searching …"}
        assert checked(inbox.next())[0]["text"]["text"] == "*When will the bridge close?*"
        refused = commanded(served, "When will the bridge close?", response_url="https://hooks.slack.com.evil.example/")
        assert refused.json()["error"]["detail"]["field"] == "response_url"


class Held(HashingEmbedder):
    """A model that waits for a word before it reads a question."""

    def __init__(self, word: threading.Event) -> None:
        super().__init__()
        self.word = word

    def embed_question(self, text: str) -> Any:
        assert self.word.wait(60)
        found: np.ndarray[Any, Any] = super().embed_question(text)
        return found


def test_no_more_than_a_stated_number_of_answers_is_on_its_way(tmp_path: Path, inbox: Inbox) -> None:
    filled(tmp_path / "library").close()
    word, url = threading.Event(), f"{inbox.origin}/commands/1"
    service = Service(open_library(tmp_path / "library"), lambda: Held(word))
    with serving(service, settings(inbox, searches=MOST_LATER)) as served, ThreadPoolExecutor(MOST_LATER) as people:
        ask = partial(commanded, served, "When will the bridge close?", response_url=url)
        replies = [reply.result() for reply in [people.submit(ask) for _ in range(MOST_LATER)]]
        assert {reply.json()["text"] for reply in replies} == {"Searching …"}
        assert ask().json()["text"].startswith("Pincite is busy")
        value = json.dumps({"question": "bridge", "offset": 5})
        button = {"actions": [{"action_id": MORE, "value": value}], "response_url": url}
        refused = pressed(served, button)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "2")
        word.set()
        for _ in range(MOST_LATER):
            checked(inbox.next())


# Who asks


@pytest.mark.parametrize(
    "change",
    [
        {"x-slack-signature": "v0=" + "0" * 64},
        {"x-slack-signature": ""},
        {"x-slack-request-timestamp": "soon"},
        {"x-slack-request-timestamp": "1"},
    ],
)
@pytest.mark.parametrize("path", ["commands", "interactions"])
def test_what_slack_did_not_sign_is_refused(slack: Served, path: str, change: dict[str, str]) -> None:
    reply = post(f"{slack.url}/slack/{path}", content=b"text=x", headers=signed(b"text=x") | change)
    assert (reply.status_code, reply.json()["error"]["code"]) == (403, "refused")


def test_the_raw_body_is_what_is_signed_with_our_secret_and_lately(slack: Served) -> None:
    url, body = f"{slack.url}/slack/commands", b"text=help"
    assert post(url, content=body, headers=signed(body)).status_code == 200
    assert post(url, content=b"text=h%65lp", headers=signed(body)).status_code == 403
    assert post(url, content=body, headers=signed(body, secret="another")).status_code == 403
    assert post(url, content=body, headers=signed(body, time.time() - 290)).status_code == 200
    assert post(url, content=body, headers=signed(body, time.time() - 310)).status_code == 403
    assert post(url, content=body, headers=signed(body, time.time() + 310)).status_code == 403
    assert post(url, content=body).status_code == 403


def test_a_signature_does_for_a_key_at_slacks_addresses_only(tmp_path: Path, inbox: Inbox) -> None:
    ring = KeyRing(tmp_path / "keys.json")
    ring.create("someone", ["search"], ["*"])
    filled(tmp_path / "collections" / "bridges", MANY[:1]).close()
    chosen = settings(inbox, slack_collection="bridges")
    with serving(filled(tmp_path / "library"), chosen, ring, tmp_path / "collections") as served:
        assert titles(commanded(served, "bridge").json()) == ["0"]
        body = b'{"query": "x"}'
        assert post(f"{served.url}/v1/search", content=body, headers=signed(body)).status_code == 401


def test_where_slack_is_not_set_up_nothing_is_answered(served: Served) -> None:
    reply = post(f"{served.url}/slack/commands", content=b"text=x", headers=signed(b"text=x"))
    assert (reply.status_code, reply.json()["error"]["code"]) == (404, "not_found")
    assert "PINCITE_SLACK_SIGNING_SECRET" in reply.json()["error"]["message"]


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "{",
        "[]",
        {"actions": []},
        {"actions": [{"action_id": "other", "value": "{}"}], "response_url": "https://hooks.slack.com/"},
        {"actions": [{"action_id": MORE, "value": "{}"}], "response_url": "https://hooks.slack.com/"},
        {"actions": [{"action_id": MORE, "value": '{"question": "x", "offset": 5}'}], "response_url": "http://a/"},
    ],
)
def test_what_no_button_of_ours_sends_is_refused(slack: Served, payload: Any) -> None:
    reply = pressed(slack, payload)
    assert reply.status_code == 422
    assert reply.json()["error"]["detail"]["field"] in {"payload", "response_url"}


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://hooks.slack.com/commands/T1/2/x", True),
        ("https://hooks.slack-gov.com/actions/T1/2/x", True),
        ("http://hooks.slack.com/commands/T1", False),
        ("https://hooks.slack.com.evil.example/", False),
        ("https://hooks.slack.com@evil.example/", False),
        ("https://user@hooks.slack.com/", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_answers_go_to_slack_only(url: str, good: bool) -> None:
    origins = Settings().slack_response_origins.split(", ")
    if good:
        assert requests.check_address(url, origins) == url
    else:
        with pytest.raises(requests.InvalidInput, match="not an address of Slack"):
            requests.check_address(url, origins)


# The page


def test_the_manifest_on_the_page_names_the_routes(served: Served) -> None:
    manifest = yaml.safe_load(pasted_blocks("slack", "yaml")[0])
    (command,) = manifest["features"]["slash_commands"]
    assert command["command"] == "/pincite"
    paths = [command["url"], manifest["settings"]["interactivity"]["request_url"]]
    assert [path.removeprefix("https://pincite.example.org") for path in paths] == [
        "/slack/commands",
        "/slack/interactions",
    ]
    (start,) = pasted_blocks("slack", "bash")
    given = dict(word.split("=") for word in shlex.split(start) if word.startswith("PINCITE_"))
    chosen = Settings.from_environment(given)
    assert (chosen.hosts, chosen.slack_signing_secret) == ("pincite.example.org", "SECRET")
    assert "`PINCITE_SLACK_COLLECTION`" in page("slack")
