"""A browser without a browser: asks the pages of a hub as one does, and reads what they show."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from tests.support.hub_requests import signed_in

from signoff_hub.signing_in.tokens import Scope, make_api_token

if TYPE_CHECKING:
    import httpx
    from tests.support.datasets import Person

    from signoff_hub.node.node import Node

SAME_SITE = {"Sec-Fetch-Site": "same-origin", "Origin": "null"}
"""What a browser says of a form of our own pages, which send no referrer."""


@dataclass
class Shown(HTMLParser):
    """What a page holds."""

    html: str
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        """All its text, with single blanks."""
        return re.sub(r"\s+", " ", " ".join(self.words))

    def links(self) -> list[str]:
        """Every address in it."""
        return [
            str(attrs[name])
            for _, attrs in self.tags
            for name in ("href", "src", "action")
            if attrs.get(name)
        ]


def shown(answer: httpx.Response, status: int = 200) -> Shown:
    """Return a page, whose form and headers are as every page's have to be."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    refuse_unsafe(answer)
    page = Shown(answer.text)
    assert all(link.startswith(("/", "#")) for link in page.links())
    assert not any(name.startswith("on") or name == "style" for _, a in page.tags for name in a)
    assert [tag for tag, _ in page.tags].count("h1") == 1
    return page


def refuse_unsafe(answer: httpx.Response) -> None:
    """Fail when an answer lets a browser do more than show it."""
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; img-src 'self';")
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self'" in policy
    assert "base-uri 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-frame-options"] == "DENY"


def page_code(client: httpx.Client, person: Person) -> str:
    """Return a code for the pages of somebody."""
    told = client.post("/v1/page-codes", headers=signed_in(client, person))
    assert told.status_code == 201, told.text
    return str(json.loads(told.text)["code"])


def enter(client: httpx.Client, person: Person) -> None:
    """Sign a contributor in; the client keeps the cookie."""
    answer = client.post(
        "/pages/enter", data={"code": page_code(client, person)}, headers=SAME_SITE
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/pages/mine"), answer.text


def enter_as(client: httpx.Client, node: Node, *scopes: Scope, name: str = "task") -> str:
    """Sign somebody with an API token in; returns the token."""
    token = make_api_token(node, name, scopes, 30)
    answer = client.post("/pages/sign-in", data={"token": token}, headers=SAME_SITE)
    assert answer.status_code == 303, answer.text
    return token
