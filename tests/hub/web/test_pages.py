"""Every page with what it shows, to whom, and in every state; nothing from outside becomes HTML."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import delete, insert, select, update
from tests.support.clock import FakeClock
from tests.support.datasets import Person
from tests.support.deadline import wait_until
from tests.support.hub_pages import (
    SAME_SITE,
    enter,
    enter_as,
    refuse_unsafe,
    shown,
)
from tests.support.hub_requests import served
from tests.support.hubs import (
    DAY_S,
    made_node,
    recovery_secret,
    send,
    sign,
    signed,
    state_of,
)
from tests.support.hubs_ended import by_secret

from signoff_collector.consent.receipts import parse_receipt
from signoff_collector.upload.stores.layout import blob_key
from signoff_hub.database.tables import (
    DATASET_VERSION,
    LOG_OPENING,
    READING,
    SHARD_EPISODE,
    SIGN_OFF,
    STATISTIC,
)
from signoff_hub.node.node import Node
from signoff_hub.signing_in.tokens import Scope
from signoff_hub.web.pages import _PAGES
from signoff_hub.withdrawing.withdrawals import read_withdrawal, withdraw
from signoff_schemas.errors import NetworkError
from signoff_schemas.statement import parse_statement

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&amp;"
SETTINGS = f"""
address = "http://127.0.0.1:8443"
controller = {json.dumps(HOSTILE)}
terms_text = {json.dumps(HOSTILE + chr(10) + "Second line.")}
workers = 1
requests_per_minute = 10000
"""
SOMEBODY = Person(number=1)


@pytest.fixture(scope="module")
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory, clock: FakeClock) -> Iterator[Node]:
    with made_node(tmp_path_factory.mktemp("hub") / "hub", SETTINGS, clock=clock) as made:
        yield made


@pytest.fixture(scope="module")
def hub(node: Node) -> Iterator[httpx.Client]:
    with served(node) as made:
        yield made


@pytest.fixture
def client(hub: httpx.Client) -> httpx.Client:
    hub.cookies.clear()
    return hub


def test_the_front_page_is_for_anybody_and_shows_the_terms_as_text(client: httpx.Client) -> None:
    page = shown(client.get("/"))
    assert HOSTILE in page.text
    assert "Second line." in page.text
    assert "signoff upload last --to http://127.0.0.1:8443" in page.text
    assert {"script", "img"}.isdisjoint(tag for tag, _ in page.tags)
    assert shown(client.get("/pages/")).text == page.text


def test_the_front_page_names_the_key_that_signs(client: httpx.Client, node: Node) -> None:
    assert node.key.fingerprint in shown(client.get("/")).text


def test_what_pages_need_comes_from_here(client: httpx.Client) -> None:
    for path, kind in (
        ("style.css", "text/css"),
        ("icon.svg", "image/svg+xml"),
        ("enter.js", "text/javascript"),
    ):
        answer = client.get(f"/pages/{path}")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(kind)
        refuse_unsafe(answer)
    assert "http" not in re.sub(r"/\*.*?\*/", "", client.get("/pages/style.css").text)


def test_scripts_run_on_one_page_alone(client: httpx.Client) -> None:
    assert "script-src 'self'" in client.get("/pages/enter").headers["content-security-policy"]
    for place in ("/", "/pages/sign-in", "/pages/nothing"):
        assert "script-src" not in client.get(place).headers["content-security-policy"]


@pytest.mark.parametrize("page", [one for one in _PAGES if one.scope is not None])
def test_no_page_without_its_scope(client: httpx.Client, node: Node, page: object) -> None:
    method, path, scope = page.method, page.path, page.scope  # type: ignore[attr-defined]
    place = "/pages" + path.replace("{statement}", "0" * 64).replace("{n}", "0").replace(
        "{snapshot}", "2026-Q1"
    )
    shown(client.request(method, place, headers=SAME_SITE), 401)
    if scope is Scope.MINE:
        enter_as(client, node, Scope.AUDIT, Scope.OPERATE)
    else:
        enter(client, SOMEBODY)
    refused = shown(client.request(method, place, headers=SAME_SITE), 403)
    assert "not good for that" in refused.text
    client.cookies.clear()
    other = Scope.OPERATE if scope is Scope.AUDIT else Scope.AUDIT
    enter_as(client, node, other)
    shown(client.request(method, place, headers=SAME_SITE), 403)


def test_a_contributor_sees_receipt_uses_and_takes_it_back(
    client: httpx.Client, node: Node
) -> None:
    sent = signed(node, 21, person=21)
    send(node, sent)
    node.bell.set()
    wait_until(lambda: state_of(node, sent.statement_sha256) == "admitted", "admitted")
    enter(client, sent.person)
    listed = shown(client.get("/pages/mine"))
    assert f"/pages/mine/{sent.statement_sha256}" in listed.links()
    assert "admitted" in listed.text
    place = f"/pages/mine/{sent.statement_sha256}"
    page = shown(client.get(place))
    assert sent.sha256 in page.text
    assert "It is in no data set." in page.text
    assert f"signoff withdraw {sent.sha256} --from http://127.0.0.1:8443" in page.text
    files = [client.get(f"{place}/{name}") for name in ("receipt.json", "receipt.sig")]
    for answer in files:
        refuse_unsafe(answer)
        assert answer.headers["content-disposition"].startswith("attachment; filename=")
    receipt = parse_receipt(
        sent.sha256, f"{sent.statement_sha256}.json", files[0].content, files[1].content
    )
    assert receipt is not None
    assert json.loads(client.get(f"{place}/proof.json").text)["leaf"] == receipt.body.log_index

    name = "<b>words</b>"
    with node.database.write() as connection:
        held = {"name": name, "version": 1}
        built = {**held, "plan": "0" * 64, "purpose": "research", "state": "ready", "made_at": 1}
        connection.execute(insert(DATASET_VERSION).values(built))
        whose = {"episode": sent.sha256, "statement": sent.statement_sha256, "shard": 0}
        connection.execute(insert(SHARD_EPISODE).values({**held, **whose}))
    page = shown(client.get(place))
    assert f"{name} 1" in page.text
    assert "not read yet" in page.text
    assert "b" not in [tag for tag, _ in page.tags]
    with node.database.write() as connection:
        for n in range(2):
            read = {"dataset": name, "version": 1, "purpose": "research", "leaf": n}
            connection.execute(
                insert(READING).values(
                    {**read, "read_on": 20_000 * DAY_S, "access_grant": f"{n:032x}"}
                )
            )
    page = shown(client.get(place))
    assert page.text.count("2024-10-04") == 1  # the day, however often
    other = Person(number=22)
    client.cookies.clear()
    enter(client, other)
    shown(client.get(place), 404)
    for ending in ("receipt.json", "receipt.sig", "proof.json"):
        shown(client.get(f"{place}/{ending}"), 404)
    record = parse_statement(sent.sign_off.statement).predicate.record_id
    right = recovery_secret(record).hex()
    fields = {"secret": right, "sure": "yes"}
    shown(client.post(f"{place}/withdraw", data=fields, headers=SAME_SITE), 404)  # not theirs
    client.cookies.clear()
    enter(client, sent.person)
    for wrong, status in (
        ({"secret": right}, 400),
        ({"secret": "", "sure": "yes"}, 400),
        ({"secret": HOSTILE, "sure": "yes"}, 400),
        ({"secret": secrets.token_hex(32), "sure": "yes"}, 403),
    ):
        refused = client.post(f"{place}/withdraw", data=wrong, headers=SAME_SITE)
        assert "script" not in [tag for tag, _ in shown(refused, status).tags]
    shown(client.post(f"{place}/withdraw", data=fields, headers={"Origin": "null"}), 403)
    assert state_of(node, sent.statement_sha256) == "admitted"
    done = client.post(f"{place}/withdraw", data=fields, headers=SAME_SITE)
    assert (done.status_code, done.headers["location"]) == (303, f"/pages/ended/{record}")
    page = shown(client.get(done.headers["location"]))
    assert "withdrawn: nobody reads it here any more" in page.text
    assert "Take it back" not in page.text
    wait_until(lambda: read_withdrawal(node, record).is_erased, "erased")
    page = shown(client.get(done.headers["location"]))
    assert "withdrawn: nobody reads it here any more" in page.text
    assert "Its last byte here is erased." in page.text
    shown(client.get(f"/pages/ended/{'0' * 32}"), 404)
    shown(client.get("/pages/ended/x"), 404)
    for ending in ("receipt.json", "proof.json"):
        shown(client.get(f"{place}/{ending}"), 404)


@pytest.mark.parametrize(
    "state", ["received", "admitted", "refused", "superseded", "withdrawn", "expired"]
)
def test_every_state_of_a_sign_off_is_told(client: httpx.Client, node: Node, state: str) -> None:
    number = 30 + ["received", "admitted", "refused", "superseded", "withdrawn", "expired"].index(
        state
    )
    sent = signed(node, number, person=number)
    send(node, sent)
    node.bell.set()
    wait_until(lambda: state_of(node, sent.statement_sha256) == "admitted", "admitted")
    because = "replay" if state == "refused" else None
    with node.database.write() as connection:
        connection.execute(
            update(SIGN_OFF)
            .where(SIGN_OFF.c.statement == sent.statement_sha256)
            .values(state=state, refused_because=because)
        )
    enter(client, sent.person)
    page = shown(client.get(f"/pages/mine/{sent.statement_sha256}"))
    assert f"{state}:" in page.text
    assert ("its replay differs" in page.text) is (state == "refused")
    assert ("Take it back" in page.text) is (
        state in {"received", "admitted", "superseded"}  # its bytes are here
    )


def test_what_a_later_sign_off_replaced_is_taken_back_on_its_page(
    client: httpx.Client, node: Node
) -> None:
    first = signed(node, 51, person=51)
    record = parse_statement(first.sign_off.statement).predicate.record_id
    second = signed(node, 52, person=51, supersedes=record)
    send(node, first)
    send(node, second)
    node.bell.set()
    wait_until(lambda: state_of(node, second.statement_sha256) == "admitted", "admitted")
    assert state_of(node, first.statement_sha256) == "superseded"
    enter(client, first.person)
    place = f"/pages/mine/{first.statement_sha256}"
    assert "its bytes are still here" in shown(client.get(place)).text
    secret = {"secret": recovery_secret(record).hex(), "sure": "yes"}
    done = client.post(f"{place}/withdraw", data=secret, headers=SAME_SITE)
    assert done.status_code == 303
    wait_until(lambda: read_withdrawal(node, record).is_erased, "erased")
    assert node.objects.size(blob_key(first.sha256)) is None
    assert node.objects.size(blob_key(second.sha256)) is not None


def test_who_signed_the_bytes_of_another_is_promised_what_holds_for_them(
    client: httpx.Client, node: Node
) -> None:
    first = signed(node, 53, person=53)
    second = sign(node, Person(number=54), first.content)
    for sent in (first, second):
        send(node, sent)
        node.bell.set()
        wait_until(
            lambda sent=sent: state_of(node, sent.statement_sha256) == "admitted", "admitted"
        )
    enter(client, first.person)
    page = shown(client.get(f"/pages/mine/{first.statement_sha256}")).text
    assert "From that moment nobody is given it here." in page
    assert "Somebody else" not in page  # also by whom else it was signed is not told
    enter(client, second.person)
    place = f"/pages/mine/{second.statement_sha256}"
    page = shown(client.get(place)).text
    assert "Somebody else signed the same bytes before you." in page
    assert "nobody is given it" not in page
    assert "Erase this episode" not in page
    record = parse_statement(second.sign_off.statement).predicate.record_id
    secret = {"secret": recovery_secret(record).hex(), "sure": "yes"}
    done = client.post(f"{place}/withdraw", data=secret, headers=SAME_SITE)
    assert done.status_code == 303
    wait_until(lambda: read_withdrawal(node, record).is_erased, "erased")
    page = shown(client.get(done.headers["location"])).text
    assert "What the hub had of it is erased." in page
    assert "last byte" not in page
    assert node.objects.size(blob_key(first.sha256)) == len(first.content)


def test_an_auditor_sees_the_log_and_checks_it(client: httpx.Client, node: Node) -> None:
    sent = signed(node, 41, person=41)
    send(node, sent)
    head = node.log.sign_head().head
    enter_as(client, node, Scope.AUDIT)
    page = shown(client.get("/pages/log"))
    assert head.root in page.text
    assert "a sign-off came" in page.text
    n = head.size - 1
    leaf = shown(client.get(f"/pages/log/{n}"))
    assert "It is in the tree" in leaf.text
    assert json.loads(client.get(f"/pages/log/{n}/proof.json").text)["leaf"] == n
    grown = shown(client.get("/pages/log/consistency", params={"first": 1, "second": head.size}))
    assert f"The log of {head.size} leaves begins with the log of 1." in grown.text
    kept = client.get("/pages/log/consistency.json", params={"first": 1, "second": head.size})
    assert json.loads(kept.text)["second"] == head.size
    assert client.get("/pages/log/head.json").text == node.log.newest_head().content.decode()
    refuse_unsafe(client.get("/pages/log/head.sig"))
    with node.database.write() as connection:
        connection.execute(delete(LOG_OPENING).where(LOG_OPENING.c.n == n))
    erased = shown(client.get(f"/pages/log/{n}"))
    assert "What it says was erased." in erased.text
    assert "It is in the tree" in erased.text
    assert "what it says was erased" in shown(client.get("/pages/log")).text
    for place, status in (
        ("log/999999", 404),
        ("log/-1", 400),
        ("log/x", 400),
        (f"log/{'9' * 40}", 400),
        ("log?before=x", 400),
        ("log/consistency", 400),
        ("log/consistency?first=5&second=2", 404),
        ("log/consistency?first=1&second=999999", 404),
    ):
        shown(client.get(f"/pages/{place}"), status)
    assert shown(client.get("/pages/log?before=1")).text.count("a sign-off came") <= 1


def test_an_auditor_finds_an_episode_in_the_log_by_its_digest(
    client: httpx.Client, node: Node
) -> None:
    sent = signed(node, 42, person=42)
    send(node, sent)
    node.bell.set()
    wait_until(lambda: state_of(node, sent.statement_sha256) == "admitted", "admitted")
    enter_as(client, node, Scope.AUDIT)
    for digest in (sent.sha256, sent.statement_sha256, f" {sent.sha256.upper()} "):
        page = shown(client.get("/pages/log/find", params={"digest": digest}))
        assert "a sign-off came" in page.text
        assert "an episode was admitted" in page.text
    with node.database.write() as connection:
        which = SIGN_OFF.c.statement == sent.statement_sha256
        leaf = connection.execute(select(SIGN_OFF.c.leaf).where(which)).scalar_one()
        connection.execute(delete(LOG_OPENING).where(LOG_OPENING.c.n == leaf))
    page = shown(client.get("/pages/log/find", params={"digest": sent.sha256}))
    assert f"/pages/log/{leaf}" not in page.links()  # what was erased is not told by this way
    assert "an episode was admitted" not in page.text
    withdraw(node, by_secret(sent))
    wait_until(lambda: node.objects.size(blob_key(sent.sha256)) is None, "erased")
    page = shown(client.get("/pages/log/find", params={"digest": sent.sha256}))
    assert "a sign-off was taken back" in page.text
    nothing = shown(client.get("/pages/log/find", params={"digest": "0" * 64}))
    assert "The log says nothing of it" in nothing.text
    for said in ("", "x", "0" * 63, "%", "<b>"):
        shown(client.get("/pages/log/find", params={"digest": said}), 400)


def test_an_auditor_sees_builds_statistics_and_what_ended(client: httpx.Client, node: Node) -> None:
    enter_as(client, node, Scope.AUDIT)
    with node.database.write() as connection:
        for version in range(60):
            built = {"name": "<i>many</i>", "version": version + 1, "plan": "1" * 64}
            row = {**built, "purpose": "research", "state": "ready", "made_at": 1}
            connection.execute(insert(DATASET_VERSION).values(row))
        for cell, value in (
            ("frozen", None),
            ("episodes/research/<u>", 20),
            ("contributors/research/python", None),
        ):
            row = {"snapshot": "2026-Q1", "cell": cell, "value": value}
            connection.execute(insert(STATISTIC).values(row))
    page = shown(client.get("/pages/builds"))
    assert "<i>many</i> 1" in page.text
    assert "i" not in [tag for tag, _ in page.tags]
    (further,) = [link for link in page.links() if "builds?" in link]
    assert "<i>many</i> 60" in shown(client.get(further)).text
    assert "/pages/statistics/2026-Q1" in shown(client.get("/pages/statistics")).links()
    figures = shown(client.get("/pages/statistics/2026-Q1"))
    assert "20 or more" in figures.text
    assert "not said" in figures.text
    assert "u" not in [tag for tag, _ in figures.tags]
    shown(client.get("/pages/statistics/2020-Q1"), 404)
    shown(client.get("/pages/statistics/%3Cb%3E"), 404)
    assert "What ended" in shown(client.get("/pages/feed")).text
    assert "content" in json.loads(client.get("/pages/feed.json").text)
    shown(client.get("/pages/feed?after=x"), 400)


def test_an_operator_sees_tens_and_nobody(client: httpx.Client, node: Node) -> None:
    enter_as(client, node, Scope.OPERATE)
    page = shown(client.get("/pages/operate"))
    assert "Everything can be worked with." in page.text
    assert "Queue" in page.text
    assert not re.search(r"[0-9a-f]{32}", page.text.replace(node.key.fingerprint, ""))
    for number in re.findall(r"(\d+) or more", page.text):
        assert int(number) % 10 == 0
    assert "fewer than 10" in page.text
    for number in re.findall(r"up to (\d+)", page.text):
        assert int(number) % 10 == 0
    assert "done" not in page.words  # how much was done is how many came


def test_pages_say_what_is_the_matter(
    client: httpx.Client, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place, status in (("/pages/nothing", 404), ("/pages/mine/x/y/z", 404)):
        page = shown(client.get(place + "?q=<script>"), status)
        assert "To the front page" in page.text
    shown(client.post("/pages/mine", headers=SAME_SITE), 405)
    enter_as(client, node, Scope.AUDIT, Scope.OPERATE)

    def away(*_: object) -> None:
        raise NetworkError("the database is away")

    with monkeypatch.context() as patched:
        patched.setattr(type(node.log), "newest_head", away)
        answer = client.get("/pages/log")
        assert "Nothing is lost" in shown(answer, 503).text
        assert answer.headers["retry-after"] == "30"
    with monkeypatch.context() as patched:
        patched.setattr(type(node.log), "newest_head", lambda _: 1 / 0)
        # the server ends a connection on which it met a fault: this one is not used again
        answer = client.get("/pages/log", headers={"Connection": "close"})
        assert "Nothing was half done." in shown(answer, 500).text
    with monkeypatch.context() as patched:
        patched.setattr(type(node.database), "read", away)
        assert node.key.fingerprint in shown(client.get("/")).text  # also without a database
        shown(client.get("/pages/log"), 503)


def test_too_many_questions_get_a_page_that_says_so(tmp_path: Path) -> None:
    few = 'address = "http://127.0.0.1:8443"\nrequests_per_minute = 3\nworkers = 1\n'
    with made_node(tmp_path / "hub", few) as node, served(node) as client:
        for _ in range(3):
            shown(client.get("/"))
        answer = client.get("/")
        assert "More than 3 questions in a minute." in shown(answer, 429).text
        assert answer.headers["retry-after"] == "30"
