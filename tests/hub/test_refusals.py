"""Questions that a hub must not answer (docs/refusals.md), asked of a real one by everybody."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import delete, event
from tests.support.datasets import Person
from tests.support.hub_contract import operations
from tests.support.hub_requests import served, signed_in
from tests.support.hubs import Sent, made_node, send, signed

from signoff_hub.database.tables import JOB, METADATA
from signoff_hub.node.node import Node
from signoff_hub.signing_in.tokens import OTHERS, make_api_token

pytestmark = pytest.mark.slow

PEOPLE = 4
"""Fewer than k: whatever is told of them is told of too few."""
MUCH = "requests_per_minute = 1000000\nworkers = 1\n"
QUESTIONS = {
    "figures by contributor": {"group_by": "contributor", "contributor": "me"},
    "figures by day of a person": {"by": "day", "account": "me"},
    "figures by key": {"fingerprint": "SHA256:abc", "key": "abc"},
    "figures by repository": {"repository": "0" * 32},
    "hours worked": {"metric": "hours", "since": "2026-01-01"},
    "speed": {"metric": "speed", "order": "fastest"},
    "error rates": {"metric": "errors", "rank": "1"},
    "search across contributors": {"q": "needle", "search": "needle"},
    "two pseudonyms joined": {"join": "audience", "pseudonym": "0" * 32},
    "finer times": {"resolution": "ms", "times": "exact"},
    "a smaller k": {"k": "1", "min": "1"},
    "a use that is prohibited": {"purpose": "performance-evaluation", "force": "true"},
}
"""What somebody who wants to measure people would try, as parameters of any route."""
PATHS = (
    "contributors", "accounts", "keys", "repositories", "people", "users", "search", "episodes",
    "export", "ranking", "hours", "speed", "errors", "sign-offs", "statistics", "counts",
)  # fmt: skip
"""Where somebody would look for them."""
MEASURES = re.compile(
    r"hour|speed|duration|elapsed|rate|score|rank|quality|productiv|mistake|idle|active_|latency"
)
"""Words of columns that would measure somebody's work."""


class Hub:
    """A served hub with a few contributors, and who may ask it."""

    def __init__(self, node: Node, sent: list[Sent], client: httpx.Client) -> None:
        self.node = node
        self.client = client
        token = make_api_token(node, "tests", OTHERS, 1)
        self.askers = {
            "stranger": {},
            "operator": {"Authorization": f"Bearer {token}"},
            "contributor": signed_in(client, Person(number=0)),
        }
        with node.database.read() as connection:
            rows = connection.execute(METADATA.tables["sign_off"].select()).mappings().all()
        self.own = [row for row in rows if row["statement"] == sent[0].statement_sha256]
        self.others = [row for row in rows if row["statement"] != sent[0].statement_sha256]

    def secrets_of(self, who: str) -> set[str]:
        """Return what must not be told to an asker: whatever stands for somebody else."""
        rows = self.others if who == "contributor" else [*self.own, *self.others]
        names = ("contributor", "repository", "fingerprint", "account")
        own = {str(row[name]) for row in self.own for name in names}
        found = {str(row[name]) for row in rows for name in names}
        return found - own if who == "contributor" else found


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    place = tmp_path_factory.mktemp("refusing") / "hub"
    with made_node(place, MUCH) as node:
        sent = [signed(node, number) for number in range(PEOPLE)]
        for one in sent:
            send(node, one)
        with node.database.write() as connection:
            connection.execute(delete(JOB))  # what is here stays as it is while it is asked for
        node.log.sign_head()
        with served(node) as client:
            yield Hub(node, sent, client)


def readable(hub: Hub) -> Iterator[str]:
    """Yield the path of everything that can be read, with what this hub holds in its places."""
    row = hub.own[0]
    held = {"sha256": row["episode"], "statement_sha256": row["statement"], "snapshot": "2026-Q3"}
    for one in operations(hub.client.get("/v1/openapi.json").json()):
        if one.method == "get":
            yield re.sub(
                r"\{(\w+)\}", lambda found: str(held.get(found[1], row["record"])), one.path
            )


TRIES = 5
"""Between two questions the node may have begun work of its own, which `/metrics` counts."""


def told(answer: httpx.Response) -> str:
    """Return what an answer tells, but for moments and random numbers of its own."""
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "T", answer.text)
    if answer.headers.get("content-type", "").startswith("text/plain"):  # the node's own health
        return "".join(sorted(set(re.findall(r"signoff_hub_\w+\{[^}]*\} [\d.]+", text))))
    return text


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("who", ["stranger", "operator", "contributor"])
def test_no_parameter_narrows_an_answer_to_somebody(who: str, question: str, hub: Hub) -> None:
    headers = hub.askers[who]
    places = [place for place in readable(hub) if place != "/v1/log/proof"]
    asked_of = 0
    for place in places:
        for _ in range(TRIES):
            plain = hub.client.get(place, headers=headers)
            asked = hub.client.get(place, headers=headers, params=QUESTIONS[question])
            is_same = (plain.status_code, told(plain)) == (asked.status_code, told(asked))
            if is_same or 429 in {plain.status_code, asked.status_code}:
                break
        if 429 in {plain.status_code, asked.status_code}:  # look-ups are few in a minute
            continue
        asked_of += 1
        assert is_same or asked.status_code == 422, f"{place} answers {question}"
    assert asked_of > 8


@pytest.mark.parametrize("who", ["stranger", "operator", "contributor"])
def test_there_is_no_place_to_look_for_people(who: str, hub: Hub) -> None:
    for name in PATHS:
        for place in (f"/v1/{name}", f"/{name}", f"/v1/mine/{name}"):
            answer = hub.client.get(place, headers=hub.askers[who])
            if place == "/v1/mine/export":  # everything of one's own, and of nobody else
                assert who == "contributor" or answer.status_code in {401, 403, 404}
                continue
            assert answer.status_code in {401, 403, 404, 405}, place


@pytest.mark.parametrize("who", ["stranger", "operator", "contributor"])
def test_no_answer_names_somebody_else(who: str, hub: Hub) -> None:
    secrets = hub.secrets_of(who)
    assert len(secrets) >= PEOPLE - 1
    for place in readable(hub):
        answer = hub.client.get(place, headers=hub.askers[who])
        named = [one for one in secrets if one in answer.text]
        assert named == [], f"{place} names somebody to a {who}"


def test_fewer_than_k_are_no_figure_anywhere(hub: Hub) -> None:
    text = hub.client.get("/metrics", headers=hub.askers["operator"]).text
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if "episodes" in sample.name or "sign_offs" in sample.name or "bytes" in sample.name:
                assert sample.value % 10 == 0 or "bytes" in sample.name, sample.name
                if "episodes" in sample.name:
                    assert sample.value == 0, sample.name


def test_nothing_that_is_kept_measures_somebody() -> None:
    columns = {f"{table.name}.{one.name}" for table in METADATA.tables.values() for one in table.c}
    assert sorted(one for one in columns if MEASURES.search(one.partition(".")[2])) == []
    assert MEASURES.search("hours_worked")  # it can find one


def test_no_table_joins_somebody_at_one_hub_with_another() -> None:
    """A pseudonym is of one hub: nothing is kept of another audience to compare it with."""
    columns = {one.name for table in METADATA.tables.values() for one in table.c}
    assert columns & {"audience", "receiver", "email", "name_of_person", "other_hub"} == set()


def test_times_are_kept_in_whole_seconds_and_those_of_an_episode_not_at_all() -> None:
    kinds = {
        f"{table.name}.{one.name}": str(one.type)
        for table in METADATA.tables.values()
        for one in table.c
        if one.name.endswith(("_at", "_on", "_by", "until", "_from", "_to"))
    }
    assert len(kinds) > 10
    assert set(kinds.values()) <= {"BIGINT", "INTEGER"}, kinds
    facts = METADATA.tables["episode"].c
    assert not [one.name for one in facts if "started" in one.name or "ended" in one.name]


def test_no_sql_that_runs_groups_or_sorts_people(hub: Hub) -> None:
    """Of all that a hub asks its database while everybody asks it."""
    ran: list[str] = []

    def heard(_: object, __: object, statement: str, *___: object) -> None:
        ran.append(statement)

    event.listen(hub.node.database.engine, "before_cursor_execute", heard)
    try:
        for headers in hub.askers.values():
            for place in readable(hub):
                hub.client.get(place, headers=headers)
    finally:
        event.remove(hub.node.database.engine, "before_cursor_execute", heard)
    assert len(ran) > 20
    grouped = re.compile(
        r"(GROUP BY|PARTITION BY|ORDER BY)[^)]*\b(account|contributor|fingerprint|repository)\b"
    )
    assert [one for one in ran if grouped.search(one)] == []
    assert grouped.search("SELECT 1 FROM sign_off GROUP BY sign_off.contributor")


def test_everybody_is_asked_and_all_that_they_get_is_readable_json(hub: Hub) -> None:
    """The questions above reach answers, and not only refusals."""
    mine = hub.client.get("/v1/mine", headers=hub.askers["contributor"])
    assert [one["statement_sha256"] for one in json.loads(mine.text)["sign_offs"]] == [
        hub.own[0]["statement"]
    ]


def test_every_row_of_the_document_names_tests_that_are_there() -> None:
    root = Path(__file__).resolve().parents[2]
    rows = [
        line
        for line in (root / "docs" / "refusals.md").read_text("utf-8").splitlines()
        if line.startswith("| ") and not line.startswith("| question")
    ]
    assert len(rows) >= 10
    for row in rows:
        named = re.findall(r"`(tests/[^`]+\.py)`", row)
        assert named, row
        assert all((root / one).is_file() for one in named), row
