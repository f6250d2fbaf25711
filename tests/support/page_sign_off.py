"""From a task to a signature on the review page, over HTTP."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tests.support.review_page import Answer, PageClient

FIRST_TASK: dict[str, object] = {"task": 0}


def make_final(client: PageClient, keep: object = FIRST_TASK) -> str:
    """Keep the first task, make its final episode, and return the digest the server gives."""
    assert client.put_plan(keeps=[keep]).status == 200
    client.accept_all()
    made = client.post("/api/keeps/0/final", {})
    assert made.status == 200, made.raw
    return str(made.json()["sha256"])


def see_all(client: PageClient, sha256: str) -> Answer:
    """Look at all of a final episode as the page does: hash what came, name what was shown."""
    content = client.get(f"/api/final/{sha256}").body
    seen = {"sha256": hashlib.sha256(content).hexdigest(), "files": [0], "outputs": [0, 1, 99]}
    return client.post(f"/api/final/{sha256}/seen", seen)


def agreement(client: PageClient, sha256: str, store: Path, **fields: object) -> dict[str, object]:
    """Return what a person agrees to on the terms that are offered."""
    offered = client.get(f"/api/final/{sha256}/terms").json()
    return {
        "audience": store.as_uri(), "owner": "mine", "confirmed_unseen": True,
        "notice_sha256": offered["notice_sha256"], **fields,
    }  # fmt: skip


def sign_on_page(client: PageClient, store: Path, keep: object = FIRST_TASK) -> dict[str, object]:
    """Keep, look at and sign one task; return what the page is told of it."""
    sha256 = make_final(client, keep)
    see_all(client, sha256)
    signed = client.post(f"/api/final/{sha256}/sign", agreement(client, sha256, store))
    assert signed.status == 200, signed.raw
    return signed.json()
