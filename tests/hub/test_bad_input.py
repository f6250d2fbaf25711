"""What a malicious or broken client sends: a clear problem, nothing lost, memory flat.

docs/hub/bad_input.md names each kind with its answer and its test; these are those without another
place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import delete, func, select, text
from tests.support.clock import FakeClock
from tests.support.datasets import Person
from tests.support.deadline import wait_until
from tests.support.hub_contract import Operation, operations
from tests.support.hub_requests import answer_to, put_sign_off, served, signed_in
from tests.support.hubs import account_of, enrol, kept, made_node, made_place, send, signed
from tests.support.rclone import rclone_store

from signoff_collector.consent.terms.audience import Audience
from signoff_hub.database.tables import JOB, PART, STATISTIC, TOMBSTONE
from signoff_hub.node.node import Node
from signoff_hub.objects.bucket import BucketObjects
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.receiving.parts import receive_part
from signoff_hub.signing_in.tokens import OTHERS, make_api_token
from signoff_hub.withdrawing.feed import feed
from signoff_schemas.errors import RefusedError
from signoff_schemas.hub_api import Problem
from signoff_schemas.hub_feed import MAX_ENTRIES, FeedPage
from signoff_schemas.untyped import fields_of, items_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]  # ten thousand of something take long

MUCH = "requests_per_minute = 1000000\nworkers = 1\n"
DAY_S = 86_400
TRICKS = (
    "' OR 1=1 --",
    '"; DROP TABLE sign_off; --',
    "%' UNION SELECT hash FROM token --",
    "../../hub.key",
    "..%2f..%2fhub.key",
    "/etc/passwd",
    "a\r\nSet-Cookie: x=1",
    "a\0b",
    "x" * 5_000,
    "\u0661\u0662\u0663",  # digits, of another script
    "\U0001f600" * 64,
    "{{7*7}}${7*7}",
    "<script>alert(1)</script>",
    "f" * 64 + "\n",
)
"""SQL, headers, paths, templates, and lengths; none is what any field is for."""


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def node(tmp_path: Path, clock: FakeClock) -> Iterator[Node]:
    with made_node(tmp_path / "hub", MUCH, clock=clock) as made:
        yield made


@pytest.fixture
def client(node: Node) -> Iterator[httpx.Client]:
    with served(node) as made:
        yield made


@pytest.fixture(scope="module")
def tricked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, httpx.Client]]:
    """Serve a hub that holds something, and has nothing to do with it."""
    with made_node(tmp_path_factory.mktemp("tricked") / "hub", MUCH) as made:
        send(made, signed(made, 1))
        with made.database.write() as connection:
            connection.execute(delete(JOB))
        with served(made) as client:
            wait_until(lambda: has_settled(made), "its first jobs are done")
            yield made, client


def has_settled(node: Node) -> bool:
    """Tell whether a hub that was started has done what it does by itself, for an hour."""
    with node.database.read() as connection:
        jobs = connection.execute(select(JOB)).all()
        is_frozen = connection.execute(select(STATISTIC)).first() is not None
    waits = all(one.not_before > node.now() for one in jobs)
    return waits and is_frozen and "sweep" in {one.kind for one in jobs}


def resident_bytes() -> int:
    """Return the memory of this process, which is the hub's too."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * 4_096


def refused(answer: httpx.Response, trick: str) -> str:
    """Return the code of a problem that repeats nothing of a trick."""
    assert 400 <= answer.status_code < 500, f"{answer.status_code} for {trick[:40]!r}"
    assert "set-cookie" not in answer.headers
    if answer.request.method == "HEAD" or not answer.content:
        return ""
    told = Problem.model_validate_json(answer.content)
    assert trick not in answer.text
    return told.code


def _asked_with(trick: str, one: Operation, models: dict[str, object]) -> Iterator[httpx.Request]:
    """Yield requests that have a trick in the path, in the query, in headers and in the body."""
    good = {"n": "1"}
    place = re.sub(r"\{(\w+)\}", lambda found: good.get(found[1], "0" * 64), one.path)
    if "{" in one.path:
        odd = re.sub(r"\{\w+\}", quote(trick, safe=""), one.path)
        yield httpx.Request(one.method, f"http://hub{odd}", content=b"")
    for parameter in items_of(one.said.get("parameters")):
        held = fields_of(parameter)
        name = str(held["name"])
        if held["in"] == "query":
            yield httpx.Request(one.method, f"http://hub{place}", params={name: trick})
        if held["in"] == "header":
            value = re.sub(r"[\r\n\0]", "?", trick).encode("utf-8")
            headers = [(name.encode(), value)]
            yield httpx.Request(one.method, f"http://hub{place}", headers=headers, content=b"x")
    for found in re.findall(r"schemas/(\w+)", str(one.said.get("requestBody"))):
        fields = fields_of(fields_of(models[found]).get("properties"))
        yield httpx.Request(one.method, f"http://hub{place}", json=dict.fromkeys(fields, trick))
        yield httpx.Request(one.method, f"http://hub{place}", json={trick: trick})


@pytest.mark.parametrize("trick", TRICKS, ids=range(len(TRICKS)))
def test_a_trick_in_any_field_is_refused_and_changes_nothing(
    trick: str, tricked: tuple[Node, httpx.Client]
) -> None:
    node, client = tricked
    person = Person(number=1)
    who = {
        "upload": signed_in(client, person)["Authorization"],
        "operate": f"Bearer {make_api_token(node, 'tests', OTHERS, 1)}",
    }
    before = kept(node)
    held = client.get("/v1/openapi.json").json()
    models = fields_of(fields_of(held["components"])["schemas"])
    asked = 0
    for one in operations(held):
        for request in _asked_with(trick, one, models):
            for token in who.values() if one.said.get("security") else ("",):
                headers = [*request.headers.raw, (b"authorization", token.encode())]
                answer = client.request(
                    request.method,
                    request.url.raw_path.decode("ascii"),
                    headers=[one for one in headers if one[0].lower() != b"host"],
                    content=request.read(),
                )
                refused(answer, trick)
                asked += 1
    assert asked > 25
    assert kept(node) == before
    assert client.get("/readyz").status_code == 200


def test_ten_thousand_uploads_that_stay_open_are_bounded_by_the_quota(tmp_path: Path) -> None:
    room = 64
    settings = f"{MUCH}unsigned_bytes_per_key = {room * (64 << 10)}\n"
    with made_node(tmp_path / "hub", settings) as node:
        greedy, other = Person(number=1), Person(number=2)
        enrol(node, greedy, other)
        piece = node.folder.incoming / "piece"
        piece.write_bytes(b"x")
        codes: set[FaultCode] = set()

        def opened(person: Person, number: int) -> bool:
            """Begin an upload with one byte; False when it is refused."""
            try:
                receive_part(node, account_of(person), f"{number:064x}", 0, piece)
            except HubFault as fault:
                codes.add(fault.code)
                return False
            return True

        first = sum(opened(greedy, number) for number in range(200))
        before = resident_bytes()
        more = sum(opened(greedy, number) for number in range(200, 10_000))
        grown = resident_bytes() - before
        assert (first, more, codes) == (room, 0, {FaultCode.QUOTA})
        assert grown < 32 << 20
        assert opened(other, 1)
        with node.database.read() as connection:
            rows = connection.execute(select(func.count()).select_from(PART)).scalar_one()
        assert rows == room + 1


def test_a_million_tombstones_cost_a_page_no_more_than_a_few(node: Node) -> None:
    if node.database.engine.dialect.name != "sqlite":
        pytest.skip("the rows are made by functions of SQLite")
    many = 1_000_000
    with node.database.write() as connection:
        connection.execute(
            text(
                "INSERT INTO tombstone"
                " (episode, record, handle, withdrawn_at, because, kept_versions, content, leaf)"
                " WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < :last)"
                " SELECT printf('%064x', i), printf('%032x', i), printf('%064x', i), 1790000000,"
                " 'expired', 0, x'', i FROM n"
            ),
            {"last": many - 1},
        )
    before = resident_bytes()
    after = 0
    for _ in range(5):
        signed_page = feed(node, after)
        page = FeedPage.model_validate_json(signed_page.content)
        assert len(page.episodes) == MAX_ENTRIES
        assert page.episodes[0].leaf == after
        after = page.next
    last = FeedPage.model_validate_json(feed(node, many - 3).content)
    assert (len(last.episodes), last.is_last, last.next) == (3, True, many)
    assert resident_bytes() - before < 64 << 20
    by_leaf = select(TOMBSTONE).where(TOMBSTONE.c.leaf >= 5).order_by(TOMBSTONE.c.leaf).limit(9)
    by_name = select(TOMBSTONE.c.episode).where(TOMBSTONE.c.episode == "0" * 64)
    with node.database.read() as connection:
        for wanted in (by_leaf, by_name):
            query = str(wanted.compile(connection, compile_kwargs={"literal_binds": True}))
            plan = connection.execute(text(f"EXPLAIN QUERY PLAN {query}")).all()
            assert all(row.detail.startswith("SEARCH") for row in plan), plan
    with served(node) as client:
        who = signed_in(client, Person(number=1))
        gone = client.head(f"/v1/blobs/{many - 1:064x}", headers=who)
        assert gone.status_code == 410


@pytest.mark.parametrize("days", [-1, 1])
def test_a_clock_that_is_wrong_by_a_day_refuses_and_loses_nothing(
    days: int, node: Node, client: httpx.Client, clock: FakeClock
) -> None:
    sent = signed(node, 1)
    who = signed_in(client, sent.person)
    assert client.put(f"/v1/blobs/{sent.sha256}", content=sent.content, headers=who).is_success
    challenge = client.post("/v1/challenges").json()
    clock.step_wall(days * DAY_S)
    if days > 0:  # what ran out ran out: a new challenge and a new token are to be had
        late = client.post("/v1/tokens", json=answer_to(challenge, sent.person))
        assert (late.status_code, refused(late, "\0")) == (401, "bad_nonce")
        assert client.get("/v1/mine", headers=who).status_code == 401
        who = signed_in(client, sent.person)
        told = put_sign_off(client, sent, who)
        if told.status_code == 409:  # bytes that nobody signed for within a day may be gone
            assert refused(told, "\0") == "no_blob"
            again = client.put(f"/v1/blobs/{sent.sha256}", content=sent.content, headers=who)
            assert again.is_success
            told = put_sign_off(client, sent, who)
        assert told.status_code == 201
    else:  # the hub is behind: what was signed is of tomorrow, and is taken when that came
        told = put_sign_off(client, sent, who)
        assert (told.status_code, refused(told, "\0")) == (422, "future")
    clock.step_wall(-days * DAY_S)
    who = signed_in(client, sent.person)
    assert put_sign_off(client, sent, who).status_code in {200, 201}
    assert client.head(f"/v1/blobs/{sent.sha256}", headers=who).status_code == 200


def test_a_challenge_is_not_answered_twice_not_even_by_its_own_key(client: httpx.Client) -> None:
    person = Person(number=1)
    answer = answer_to(client.post("/v1/challenges").json(), person)
    assert client.post("/v1/tokens", json=answer).status_code == 201
    for _ in range(2):
        again = client.post("/v1/tokens", json=answer)
        assert (again.status_code, refused(again, "\0")) == (401, "bad_nonce")


def test_a_second_hub_on_the_same_store_is_told_and_the_first_goes_on(tmp_path: Path) -> None:
    with made_place(tmp_path / "one") as one, made_place(tmp_path / "two") as two:
        store = one.store or (tmp_path / "one" / "objects").as_uri()
        first = one.open()
        try:
            send(first, signed(first, 1))
            before = kept(first)
            shared = type(two)(root=two.root, database=two.database, store=store)
            with pytest.raises(RefusedError, match="another hub"):
                shared.open()
            assert kept(first) == before
            one.open().close()  # another node of the same hub is welcome
        finally:
            first.close()


def test_a_store_that_overwrites_what_it_holds_is_refused(tmp_path: Path) -> None:
    with rclone_store(tmp_path) as store:
        objects = BucketObjects(Audience(store.address), store.keys)
        try:
            with pytest.raises(RefusedError, match="overwrites"):
                objects.probe()
        finally:
            objects.close()
        assert store.kept() == []  # the probe leaves nothing
