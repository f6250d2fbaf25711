"""A review as the page makes it: plan, previews, masks; saved as it is made."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.collector.review.serving.conftest import Served, day_bytes
from tests.support.clock import FakeClock
from tests.support.leaks import leaks_in_bytes
from tests.support.repaired import repaired_base
from tests.support.review_page import ASIDE, CLIENT, put_base
from tests.support.sessions import workspace
from tests.support.sign_off import small_episode

from signoff_collector.capture.sessions.session_folder import create_session
from signoff_collector.capture.sessions.sessions import SealedAs, note_sealed
from signoff_collector.episode.file.reader import read_episode
from signoff_collector.own_files.private_files import replace_private
from signoff_collector.review.applying.previews import Previews
from signoff_collector.review.desk.base_file import open_base_file
from signoff_collector.review.plan.plan_store import PlanStore
from signoff_schemas.errors import DamagedError, SignoffError
from signoff_schemas.plan import parse_plan

KEEP = [{"task": 1}]


def test_the_page_gets_the_very_bytes_and_what_they_are_proposed_to_be_cut_into(
    served: Served,
) -> None:
    client = served.open()
    assert client.get("/api/base").body == served.base.read_bytes()
    told = client.get("/api/review").json()
    assert told["base_sha256"] == hashlib.sha256(served.base.read_bytes()).hexdigest()
    assert (told["revision"], told["can_undo"], told["damage"]) == (0, False, None)
    assert told["plan"]["keeps"] == []  # type: ignore[index]
    titles = [one["title"] for one in told["proposals"]]  # type: ignore[attr-defined,index]
    assert titles == ["fix the parser", "private things"]


def test_every_change_is_saved_and_taken_back_one_by_one(served: Served) -> None:
    client = served.open()
    kept = client.put_plan(keeps=KEEP)
    assert (kept.status, kept.json()["revision"], kept.json()["can_undo"]) == (200, 1, True)
    stored = PlanStore(served.home, served.reviewing.file.sha256).load()
    assert stored.plan.keeps[0].model_dump()["task"] == 1
    cut = client.put_plan(cut_kinds=["view"])
    assert cut.json()["revision"] == 2
    undone = client.post("/api/plan/undo", {"revision": 2}).json()
    assert undone["plan"]["cut_kinds"] == []  # type: ignore[index]
    assert undone["plan"]["keeps"] != []  # type: ignore[index]


def test_a_preview_is_what_the_plan_gives_and_writes_nothing(served: Served) -> None:
    client = served.open()
    client.put_plan(keeps=KEEP)
    before = sorted(served.home.root.rglob("*"))
    preview = client.get("/api/keeps/0/preview")
    plan = PlanStore(served.home, served.reviewing.file.sha256).load().plan
    assert preview.body == Previews(read_episode(served.base.read_bytes())).of(plan, 0).data
    assert sorted(served.home.root.rglob("*")) == before
    assert client.get("/api/keeps/1/preview").status == 400


def test_a_masked_value_is_gone_from_the_preview_and_kept_nowhere(served: Served) -> None:
    client = served.open()
    client.put_plan(keeps=[{"from_seq": 0, "to_seq": served_steps(served) - 1}])
    assert CLIENT in read_all(client.get("/api/keeps/0/preview").body)
    masked = client.post("/api/mask", {"value": CLIENT}).json()
    assert (masked["revision"], masked["names"]) == (2, [])
    assert isinstance(masked["texts"], int)
    assert masked["texts"] > 0
    assert leaks_in_bytes(client.get("/api/keeps/0/preview").body, [CLIENT]) == []
    draft = PlanStore(served.home, served.reviewing.file.sha256).path.read_bytes()
    assert CLIENT.encode() not in draft
    short = client.post("/api/mask", {"value": "ab"})
    assert (short.status, short.json()["exit_code"]) == (400, 2)


def served_steps(served: Served) -> int:
    return served.reviewing.file.base.episode.step_count


def read_all(data: bytes) -> str:
    episode = read_episode(data)
    return episode.edits.text + "".join(str(step) for step in episode.steps)


def test_a_plan_that_is_none_or_for_another_episode_changes_nothing(served: Served) -> None:
    client = served.open()
    for fields, status in (
        ({"keeps": [{"task": 99}]}, 400),
        ({"keeps": [{"task": -1}]}, 422),
        ({"surprise": 1}, 422),
        ({"base_sha256": "f" * 64}, 400),
    ):
        answer = client.put_plan(**fields)
        assert answer.status == status, answer.raw
        assert answer.json()["error"]
    assert client.get("/api/review").json()["revision"] == 0


def test_two_windows_on_one_review_tell_the_later_one_to_look_again(
    base: Path, serve: Callable[..., Served]
) -> None:
    one, other = serve(base).open(), serve(base).open()
    seen = one.get("/api/review").json()
    assert other.put_plan(keeps=KEEP).status == 200
    late = one.ask("PUT", "/api/plan", {"revision": seen["revision"], "plan": seen["plan"]})
    assert (late.status, late.json()["exit_code"]) == (409, 1)
    assert "changed elsewhere" in str(late.json()["error"])
    again = one.get("/api/review").json()
    assert again["plan"] == other.get("/api/review").json()["plan"]
    assert one.put_plan(keeps=[]).status == 200
    assert other.post("/api/plan/undo", {"revision": 1}).status == 409


def test_what_is_shown_and_what_is_followed_from_a_file_is_one_plan(served: Served) -> None:
    client = served.open()
    answer = client.put_plan(keeps=[{"task": 1, "title": "\U0001f600\U00010348 done"}])
    plan = parse_plan(json.dumps(answer.json()["plan"]).encode())
    assert plan == PlanStore(served.home, served.reviewing.file.sha256).load().plan


def test_an_episode_changed_on_disk_is_noticed_before_anything_is_written(served: Served) -> None:
    client = served.open()
    assert client.put_plan(keeps=KEEP).status == 200
    replace_private(served.base, day_bytes() + b"\0")
    for answer in (
        client.put_plan(keeps=[]),
        client.post("/api/keeps/0/final", {}),
        client.post("/api/mask", {"value": CLIENT}),
        client.post("/api/plan/undo", {"revision": 1}),
    ):
        assert (answer.status, answer.json()["exit_code"]) == (422, 11)
        assert "changed on disk" in str(answer.json()["error"])
    assert client.get("/api/review").json()["revision"] == 1
    assert not list(served.home.state.glob("final-*/*"))


def test_the_same_bytes_written_again_are_no_change(served: Served) -> None:
    client = served.open()
    replace_private(served.base, day_bytes())
    os.utime(served.base, (1, 1))
    assert client.put_plan(keeps=KEEP).status == 200


def test_an_episode_that_was_deleted_is_said_to_be_gone(served: Served) -> None:
    client = served.open()
    served.base.unlink()
    answer = client.put_plan(keeps=KEEP)
    assert (answer.status, answer.json()["exit_code"]) == (404, 10)
    assert "gone" in str(answer.json()["error"])


def test_a_plan_changed_by_hand_is_read_or_refused(served: Served) -> None:
    client = served.open()
    assert client.put_plan(keeps=KEEP).status == 200
    PlanStore(served.home, served.reviewing.file.sha256).path.write_bytes(b"no plan")
    answer = client.get("/api/review")
    assert (answer.status, answer.json()["exit_code"]) == (422, 11)
    assert "Delete" in str(answer.json()["hint"])


def test_a_damaged_episode_is_shown_and_nothing_of_it_is_kept(
    home: Path, serve: Callable[..., Served]
) -> None:
    whole = day_bytes()
    data = bytearray(whole)
    data[-5] ^= 0x55  # of the index, which can be made again by scanning
    served = serve(put_base(bytes(data)))
    client = served.open()
    told = client.get("/api/review").json()
    assert told["damage"]
    assert ASIDE not in str(told)
    assert client.get("/api/base").body == bytes(data)
    for answer in (
        client.put_plan(keeps=KEEP),
        client.get("/api/keeps/0/preview"),
        client.post("/api/keeps/0/final", {}),
        client.post("/api/mask", {"value": CLIENT}),
    ):
        assert (answer.status, answer.json()["exit_code"]) == (422, 11)


def test_an_episode_that_does_not_even_say_what_it_is_is_not_served(home: Path) -> None:
    data = bytearray(day_bytes())
    data[len(data) // 2] ^= 0x55
    with pytest.raises(DamagedError):
        open_base_file(put_base(bytes(data)))


def test_what_a_review_made_and_what_was_never_masked_is_not_reviewed(home: Path) -> None:
    for content in (small_episode(), small_episode().replace(b"second_engine", b"second-engine")):
        with pytest.raises(SignoffError):
            open_base_file(put_base(content))


def test_what_is_recorded_meanwhile_is_said_not_to_be_in_it(served: Served, tmp_path: Path) -> None:
    client, clock = served.open(), FakeClock()
    root = workspace(tmp_path / "work").root
    sealed = create_session(served.home, root, clock=clock)
    note_sealed(sealed, SealedAs(path=served.base, sha256=served.reviewing.file.sha256))
    told = client.get("/api/review").json()
    assert (told["sealed_from"], told["session_grew"]) == (sealed.id, False)
    clock.advance(60)
    create_session(served.home, root, clock=clock)
    assert client.get("/api/review").json()["session_grew"] is True
    assert client.put_plan(keeps=KEEP).status == 200


def test_a_journal_purged_meanwhile_leaves_the_review_and_takes_unmasking(
    served: Served, tmp_path: Path
) -> None:
    client, clock = served.open(), FakeClock()
    session = create_session(served.home, workspace(tmp_path / "work").root, clock=clock)
    note_sealed(session, SealedAs(path=served.base, sha256=served.reviewing.file.sha256))
    assert client.put_plan(keeps=KEEP).status == 200
    shutil.rmtree(session.folder)
    told = client.get("/api/review").json()
    assert (told["can_unmask"], told["sealed_from"]) == (False, None)
    assert client.get("/api/keeps/0/preview").status == 200
    assert client.put_plan(cut_kinds=["view"]).status == 200


def test_discarding_asks_deletes_everything_of_the_review_and_ends(served: Served) -> None:
    client = served.open()
    client.put_plan(keeps=KEEP)
    assert client.post("/api/discard", {}).status == 400
    assert served.base.exists()
    done = client.post("/api/discard", {"confirmed": True})
    assert done.json()["discarded"] == [served.base.name]
    served.wait()
    assert not served.base.exists()
    assert not list((served.home.state / "reviews").glob("*.draft"))


def test_leaving_ends_the_server_and_keeps_the_plan(served: Served) -> None:
    client = served.open()
    client.put_plan(keeps=KEEP)
    assert client.post("/api/leave", {}).status == 200
    served.wait()
    assert PlanStore(served.home, served.reviewing.file.sha256).load().revision == 1
    assert not list(served.home.state.glob("review-*.html"))


def test_a_page_nobody_opens_and_one_that_is_gone_end_by_themselves(
    base: Path, serve: Callable[..., Served]
) -> None:
    serve(base, unopened_s=0.05).wait()
    gone = serve(base, gone_s=0.3)
    gone.open()
    gone.wait()
    assert not list(gone.home.state.glob("review-*.html"))


def test_what_was_checked_is_remembered_without_the_value_and_taken_back(
    served: Served, serve: Callable[..., Served]
) -> None:
    client = served.open()
    whole = [{"from_seq": 0, "to_seq": served_steps(served) - 1}]
    assert client.put_plan(keeps=whole).status == 200
    listed = client.get("/api/keeps/0/check").json()
    novel = group_of(listed, "novel")
    assert (novel["state"], listed["decisions_needed"]) == (None, 1)
    items = f"/api/keeps/0/check/{novel['id']}/items"
    found = client.post(items, {"find": "brunhilde"}).json()
    assert (found["total"], len(found["items"])) == (1, 1)
    assert "Brunhilde" in found["items"][0]["title"]
    assert client.post(items, {"count": 201}).status == 400
    assert client.post(items.replace(str(novel["id"]), "0" * 16), {}).status == 400
    done = client.post(f"/api/keeps/0/check/{novel['id']}", {"action": "accept"}).json()
    assert (done["revision"], done["decisions_needed"]) == (2, 0)
    served.end()
    again = serve(served.base).open()
    assert group_of(again.get("/api/keeps/0/check").json(), "novel")["state"] == "accepted"
    draft = PlanStore(served.home, served.reviewing.file.sha256).path.read_bytes()
    assert b"Brunhilde" not in draft
    assert again.post("/api/plan/undo", {"revision": 2}).status == 200
    assert group_of(again.get("/api/keeps/0/check").json(), "novel")["state"] is None
    masked = again.post(f"/api/keeps/0/check/{novel['id']}", {"action": "mask"})
    assert group_of(masked.json(), "novel")["state"] == "masked"
    assert leaks_in_bytes(again.get("/api/keeps/0/preview").body, ["Brunhilde"]) == []
    for group, action in ((novel["id"], "cut_file"), ("0" * 16, "mask"), (novel["id"], "unmask")):
        refused = again.post(f"/api/keeps/0/check/{group}", {"action": action})
        assert (refused.status, refused.json()["exit_code"]) == (400, 2)


def group_of(listed: dict[str, object], kind: str) -> dict[str, object]:
    groups = listed["groups"]
    assert isinstance(groups, list)
    (found,) = [group for group in groups if group["kind"] == kind and group["needs_decision"]]
    return dict(found)


def test_an_overview_is_of_the_plan_as_it_is_now(served: Served) -> None:
    client = served.open()
    assert client.get("/api/keeps/0/overview").status == 400
    client.put_plan(keeps=[{"task": 1, "title": "\U0001f600\U00010348"}])
    told = client.get("/api/keeps/0/overview").json()
    assert told["title"] == "\U0001f600\U00010348"
    assert told["files"]


def test_the_page_is_told_where_to_ask_and_a_note_is_saved_with_the_plan(
    serve: Callable[..., Served],
) -> None:
    served = serve(repaired_base())
    client = served.open()
    client.put_plan(
        keeps=[{"from_seq": 0, "to_seq": served.reviewing.previews.episode.step_count - 1}]
    )
    asked = client.get("/api/keeps/0/moments").json()
    assert asked["question"] == "What were you thinking here?"
    rows = asked["moments"]
    assert isinstance(rows, list)
    assert [row["kind"] for row in rows] == ["dead_end", "pause", "fix"]
    seq = rows[2]["after_seq"]
    said = "it was the order \U0001f600\U00010348"
    client.put_plan(notes=[{"after_seq": seq, "text": said}])
    (noted,) = [row for row in client.get("/api/keeps/0/moments").json()["moments"] if row["text"]]  # type: ignore[attr-defined]
    assert (noted["after_seq"], noted["text"]) == (seq, said)
    assert client.get("/api/keeps/9/moments").status == 400


def test_a_note_that_is_none_is_refused_and_the_plan_stays(served: Served) -> None:
    client = served.open()
    client.put_plan(keeps=KEEP)
    for notes in (
        [{"after_seq": 99_999, "text": "x"}],
        [{"after_seq": 1, "text": "x" * 1001}],
        [{"after_seq": 1, "text": "a\nb"}],
        [{"after_seq": 1, "text": "a"}, {"after_seq": 1, "text": "b"}],
        [{"after_seq": -1, "text": "a"}],
    ):
        refused = client.put_plan(notes=notes)
        assert refused.status in (400, 422), refused
    assert PlanStore(served.home, served.reviewing.file.sha256).load().plan.notes == ()
