"""What a page that is wrong, or is no page, may ask: refused in words, never a fault of ours."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.collector.review.serving.conftest import Served
from tests.support.review_page import CLIENT, PageClient

KEEP = [{"task": 1}]
ASTRAL = "\U0001f600\U00010348"
ROUTES = (
    ("PUT", "/api/plan"), ("POST", "/api/plan/undo"), ("GET", "/api/keeps/{}/preview"),
    ("GET", "/api/keeps/{}/overview"), ("GET", "/api/keeps/{}/check"),
    ("POST", "/api/keeps/0/check/{}"), ("GET", "/api/keeps/0/check/{}/places"),
    ("POST", "/api/keeps/{}/final"), ("GET", "/api/final/{}"), ("POST", "/api/final/{}/seen"),
    ("GET", "/api/final/{}/terms"), ("POST", "/api/final/{}/sign"), ("POST", "/api/mask"),
    ("POST", "/api/unmask"), ("POST", "/api/discard"),
)  # fmt: skip
NAMES = st.sampled_from(
    ["revision", "plan", "parting", "begins", "joined", "keeps", "task", "from_seq", "to_seq",
     "mask_fields", "mask_texts", "seq", "field", "start", "length", "base_sha256", "action",
     "group", "confirmed", "sha256", "files", "outputs", "audience", "purposes", "licence",
     "expires_days", "requested_by", "owner", "notice_sha256", ASTRAL]
)  # fmt: skip
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=12,
)
BODIES = st.binary(max_size=60) | VALUES.map(lambda value: json.dumps(value).encode())
PARAMETERS = (
    st.text(alphabet="0123456789abcdef-+. %_~", max_size=30)
    | st.sampled_from(["9" * 5000, "-1", "+1", "1e3", "%00", "%ff%fe", "%D9%A1", "..%2f..", "0x1"])
    | st.integers().map(str)
)  # fmt: skip


@given(st.sampled_from(ROUTES), PARAMETERS, BODIES)
@settings(max_examples=150)
def test_no_request_is_answered_with_a_fault(
    kept: PageClient, route: tuple[str, str], parameter: str, body: bytes
) -> None:
    method, path = route
    address = path.format(parameter).replace(" ", "%20")
    answer = kept.ask(method, address, raw_body=body)
    assert answer.status < 500, (method, address, body, answer.raw)
    assert answer.status == 200 or {"error", "hint", "exit_code"} <= set(answer.json())


def test_a_kept_task_of_five_thousand_digits_is_no_such_thing(kept: PageClient) -> None:
    for number in ("9" * 5000, "1" * 7, "%D9%A1", "-1"):
        for what in ("preview", "overview", "check"):
            answer = kept.get(f"/api/keeps/{number}/{what}")
            assert (answer.status, answer.json()["exit_code"]) == (404, 10)


def test_a_mask_over_nothing_is_refused_when_it_is_made_and_its_place_is_told(
    kept: PageClient,
) -> None:
    told = kept.get("/api/review").json()
    beyond = {"after_seq": 4, "file": 0, "buffer": None, "start": 1_000_000, "length": 2}
    answer = kept.put_plan(mask_texts=[beyond])
    assert answer.status == 400
    assert answer.json()["at"] == {"seq": 4, "file": 0, "field": None}
    assert "characters 1000000 to 1000002 of file 0" in str(answer.json()["error"])
    for field in ("/text", "/nowhere"):
        wrong = {"seq": 0, "field": field, "start": 1_000_000, "length": 2}
        answer = kept.put_plan(mask_fields=[wrong])
        assert answer.status == 400
        assert answer.json()["at"] == {"seq": 0, "file": None, "field": field}
    late = {"after_seq": 10**8, "file": 0, "buffer": None, "start": 0, "length": 2}
    assert kept.put_plan(mask_texts=[late]).json()["at"] == {
        "seq": 10**8, "file": 0, "field": None,
    }  # fmt: skip
    assert kept.get("/api/review").json()["plan"] == told["plan"]


def test_how_tasks_are_parted_is_saved_with_the_plan_and_taken_back_with_it(
    served: Served,
) -> None:
    client = served.open()
    assert client.get("/api/review").json()["parting"] == {"begins": [], "joined": []}
    told = client.get("/api/review").json()
    sent = {"revision": 0, "plan": told["plan"], "parting": {"begins": [9, 4, 9], "joined": []}}
    changed = client.ask("PUT", "/api/plan", sent).json()
    assert (changed["revision"], changed["parting"]) == (1, {"begins": [4, 9], "joined": []})
    kept = client.put_plan(keeps=KEEP).json()
    assert kept["parting"] == {"begins": [4, 9], "joined": []}
    again = served.open().get("/api/review").json()
    assert again["parting"] == {"begins": [4, 9], "joined": []}
    undone = served.open()
    for revision in (2, 3):
        undone.post("/api/plan/undo", {"revision": revision})
    assert undone.get("/api/review").json()["parting"] == {"begins": [], "joined": []}


def test_before_unmasking_it_is_told_where_the_values_stand_in_the_whole_session(
    kept: PageClient,
) -> None:
    groups = kept.get("/api/keeps/0/check").json()["groups"]
    assert isinstance(groups, list)
    other = next(one for one in groups if one["kind"] != "redaction")
    refused = kept.get(f"/api/keeps/0/check/{other['id']}/places")
    assert (refused.status, refused.json()["exit_code"]) == (400, 2)
    for group in groups:
        if group["kind"] == "redaction":
            found = kept.get(f"/api/keeps/0/check/{group['id']}/places").json()
            assert found["values"] == group["count"]
            assert CLIENT not in json.dumps(found)
