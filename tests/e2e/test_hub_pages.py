"""The pages of a served hub in a real browser, and the review page for a hub (make e2e-review)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from tests.support.cli import signoff
from tests.support.clock import FakeClock
from tests.support.datasets import Person
from tests.support.deadline import deadline, wait_until
from tests.support.hub_pages import page_code
from tests.support.hub_requests import served
from tests.support.hubs import made_node
from tests.support.hubs_shown import WHO, did_much
from tests.support.review_browser import drive, need_tools
from tests.support.review_days import odd_day
from tests.support.review_page import ServedReview
from tests.support.sign_off import put_episode, sign_at_terminal, small_episode

from signoff_collector.consent.sign_off_files import read_sign_off
from signoff_collector.own_files.home import resolve_home
from signoff_hub.signing_in.tokens import Scope, make_api_token
from signoff_schemas.hub import parse_terms, terms_sha256
from signoff_schemas.hub_log import parse_inclusion_proof
from signoff_schemas.statement import parse_statement

pytestmark = pytest.mark.review

PICTURES = os.environ.get("SIGNOFF_SIZE_PICTURES")
"""A folder that keeps a picture of every page, to be looked at."""


@pytest.fixture(autouse=True)
def _tools() -> None:
    need_tools()


@contextmanager
def hub_at(data: Path, *, listen: str = "127.0.0.1:0") -> Iterator[str]:
    """Serve a hub as a person does; yields its address."""
    argv = ["hub", "serve", "--data", str(data), "--listen", listen, "--json"]
    with subprocess.Popen(
        [sys.executable, "-I", "-m", "signoff_collector", *argv],
        stdout=subprocess.PIPE,
        text=True,
    ) as hub:
        assert hub.stdout is not None
        try:
            yield json.loads(hub.stdout.readline())["address"]
        finally:
            hub.send_signal(signal.SIGTERM)
            assert hub.wait(deadline()) == 0


def rows(*words: object) -> list[dict[str, str]]:
    """Return what a verb prints with --json."""
    done = signoff(*words, "--json")
    assert done.code == 0, done
    return [json.loads(line) for line in done.out.splitlines()]


@pytest.fixture
def episode(home: Path) -> Path:
    return put_episode(resolve_home({"SIGNOFF_HOME": str(home)}).ensure(), small_episode())


def test_a_contributor_follows_an_episode_and_takes_it_back_on_the_page(
    episode: Path, tmp_path: Path
) -> None:
    with hub_at(tmp_path / "hub") as address:
        said = sign_at_terminal(episode, "--to", address, "--owner", "mine", cwd=tmp_path)
        assert said.code == 0, said.out
        assert signoff("upload", episode, "--to", address).code == 0
        (used,) = rows("uses")
        assert used["state"] == "admitted"
        (secret,) = rows("withdraw", episode, "--from", address, "--print-secret")
        (opened,) = rows("uses", "--open")
        result = drive(
            "hub_contributor",
            f"{opened['page']}#{opened['code']}",
            tmp_path / "out",
            {"first": "#code", "sha256": used["sha256"], "secret": secret["secret"]},
        )
        assert result["readable"] == ""
        cookie = result["cookie"]
        assert isinstance(cookie, dict)
        assert cookie["httpOnly"] is True
        assert cookie["sameSite"] == "Strict"
        again = signoff("upload", episode, "--to", address)
        assert again.code == 14, again
        blob = tmp_path / "hub" / "objects" / "blobs" / used["sha256"][:2] / used["sha256"]
        wait_until(lambda: not blob.exists(), "the bytes are erased")
        # erasure follows at once: until its rows go too, the hub still says that it was withdrawn
        wait_until(lambda: rows("uses") == [], "nothing of it is left to be told")


def test_an_auditor_and_an_operator_see_what_they_may(episode: Path, tmp_path: Path) -> None:
    data = tmp_path / "hub"
    with hub_at(data) as address:
        said = sign_at_terminal(episode, "--to", address, "--owner", "mine", cwd=tmp_path)
        assert said.code == 0, said.out
        assert signoff("upload", episode, "--to", address).code == 0
        given = {"first": "h1"}
        for scope in ("audit", "operate"):
            words = ("hub", "token", "--data", data, "--name", f"{scope}-1", "--scope", scope)
            (made,) = rows(*words)
            given[scope] = made["secret"]
        result = drive("hub_others", address, tmp_path / "out", given)
        proof = parse_inclusion_proof(Path(str(result["file"])).read_bytes())
        assert proof.leaf == 0
        assert proof.entry is not None


@pytest.mark.parametrize("is_empty", [False, True], ids=["busy", "empty"])
def test_every_page_fits_every_size_in_both_themes(tmp_path: Path, *, is_empty: bool) -> None:
    settings = 'address = "http://127.0.0.1:8443"\nworkers = 1\nrequests_per_minute = 10000\n'
    with made_node(tmp_path / "hub", settings, clock=(clock := FakeClock())) as node:
        if not is_empty:
            did_much(node, clock)
        with served(node) as client:
            given = {
                "first": "main",
                "pictures": PICTURES,
                "code": page_code(client, Person(number=WHO)),
                "auditor": make_api_token(node, "audit-1", (Scope.AUDIT,), 30),
                "operator": make_api_token(node, "operate-1", (Scope.OPERATE,), 30),
            }
            result = drive("hub_every_page", f"{client.base_url}/", tmp_path / "out", given)
    assert result["faults"] == []
    # what only a hub that did something has: an episode, a leaf, a snapshot
    assert result["looked"] == (10 if is_empty else 16)


@pytest.mark.usefixtures("compiled_engine", "home")
def test_the_terms_of_a_hub_are_read_on_the_review_page_and_signed(tmp_path: Path) -> None:
    base = odd_day()
    with hub_at(tmp_path / "hub") as address:
        published = httpx.get(f"{address}/v1/terms", trust_env=False).json()
        content = str(published["terms"]).encode("ascii")
        terms = parse_terms(content)
        with ServedReview(base) as review:
            result = drive(
                "hub_terms",
                review.next_way().address,
                tmp_path / "out",
                {
                    "address": address,
                    "digest": terms_sha256(content),
                    "facts": [
                        terms.controller,
                        terms_sha256(content),
                        terms.receipt_key_fingerprint,
                        "not said; it relies on: consent",
                        "365 days",
                    ],
                    "text": terms.text,
                },
            )
            review.end()
        episode = Path(str(result["statement"]).removesuffix(".signoff.json") + ".episode")
        signed = parse_statement(read_sign_off(episode).statement).predicate
        assert signed.audience == address
        assert signed.receiver is not None
        assert signed.receiver.terms_sha256 == terms_sha256(content)
        (pinned,) = (resolve_home().state / "hubs").rglob("key")
        assert pinned.read_text("ascii") == f"{terms.receipt_key}\n"
        sent = signoff("upload", episode, "--to", address)
        assert sent.code == 0, sent
        assert len(rows("receipts", episode)) == 1
