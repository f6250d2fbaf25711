"""The page that is handed out: one file, nothing led out of its data, nothing reached."""

from __future__ import annotations

import base64
import html.parser
import json
import re
from typing import Any

import pytest

from signoff_collector.page.bundle import ReviewPage, page_policy, render_page, render_replay

HOSTILE = "</script><script>alert(1)</script><!-- <script> \u2028\u2029 & \"' \N{GOTHIC LETTER HWAIR}\N{SLIGHTLY SMILING FACE} @NONCE@ @DATA@ <!--@POLICY@-->"  # noqa: E501  # one name

BEARER = "b" * 43


class _Parts(html.parser.HTMLParser):
    """What a parser of HTML finds in a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.data: dict[str, str] = {}
        self._open = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open = str(dict(attrs).get("id", tag))

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def handle_data(self, data: str) -> None:
        self.data[self._open] = self.data.get(self._open, "") + data


def _parsed(page: bytes) -> _Parts:
    parts = _Parts()
    parts.feed(page.decode("utf-8"))
    return parts


def _data_of(page: bytes) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(_parsed(page).data["data"])
    return data


def test_a_hostile_name_stays_a_name() -> None:
    page = render_page(ReviewPage(project=HOSTILE, token=BEARER), "n0nce-_")
    assert _data_of(page)["project"] == HOSTILE
    whole = _parsed(page)
    assert [tag for tag, _ in whole.tags if tag == "script"] == ["script"] * 5
    text = page.decode("utf-8")
    assert "\u2028" not in text
    assert text.count("<!--") == 0
    assert text.count("</script>") == 5


def test_the_episode_is_in_the_page_byte_for_byte() -> None:
    episode = bytes(range(256)) * 40
    told = {"version": 1, "chapters": [{"title": HOSTILE}], "red": []}
    data = _data_of(render_replay(episode, at_seq=7, storyline=told))
    assert base64.b64decode(data.pop("episode")) == episode
    # Nothing beside it: a page that is passed on tells no more than the episode.
    assert data == {"mode": "replay", "at_seq": 7, "storyline": told}


def test_the_same_episode_gives_the_same_page() -> None:
    assert render_replay(b"one") == render_replay(b"one")
    assert render_replay(b"one") != render_replay(b"two")


def test_a_replay_reaches_nothing_and_holds_everything() -> None:
    parts = _parsed(render_replay(b"bytes"))
    policies = [attrs["content"] for tag, attrs in parts.tags if "http-equiv" in attrs]
    assert len(policies) == 1
    policy = str(policies[0])
    assert "default-src 'none'" in policy
    assert "connect-src 'none'" in policy
    assert "unsafe" not in policy
    for tag, attrs in parts.tags:
        assert not {"src", "href", "action", "onload", "onerror"} & set(attrs), tag
    nonces = {attrs.get("nonce") for tag, attrs in parts.tags if tag in {"style", "script"}}
    assert len(nonces - {None}) == 1


def test_a_review_asks_only_where_it_came_from() -> None:
    page = render_page(ReviewPage(project=None, token=BEARER), "n0nce-_")
    assert _data_of(page) == {"project": None, "mode": "review", "token": BEARER, "again": ""}
    assert page_policy("n0nce-_", connects=True) in page.decode("utf-8")
    assert b"connect-src 'self'" in page


@pytest.mark.parametrize("nonce", ["", 'a"b', "a b", "a;b", "\u00e9", "a'"])
def test_a_nonce_that_could_end_the_policy_is_refused(nonce: str) -> None:
    with pytest.raises(ValueError, match="nonce"):
        render_page(ReviewPage(project=None, token=BEARER), nonce)


def test_no_place_is_left_unfilled() -> None:
    text = render_page(ReviewPage(project=None, token=BEARER), "n").decode("utf-8")
    assert not re.findall(r"@(?:NONCE|DATA|POLICY|STYLE|SCRIPT)@", text)
