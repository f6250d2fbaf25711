"""`signoff review` when something gives way under it: said, nothing half written, plan kept."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from tests.support.review_page import PageClient, ServedReview, sealed_day
from tests.support.small_disk import fill, mounted_small_disk

from signoff_collector.own_files.home import resolve_home
from signoff_collector.review.plan.plan_store import draft_path

pytestmark = pytest.mark.slow

KEEP = [{"task": 0}]


@pytest.fixture
def base(home: Path) -> Path:
    """A sealed day in a fresh home."""
    return sealed_day()


def final_of(client: PageClient, store: Path) -> tuple[str, dict[str, object]]:
    """Keep a task, decide, look at the final bytes; return their digest and the terms."""
    assert client.put_plan(keeps=KEEP).status == 200
    client.accept_all()
    sha256 = str(client.post("/api/keeps/0/final", {}).json()["sha256"])
    content = client.get(f"/api/final/{sha256}").body
    seen = {"sha256": hashlib.sha256(content).hexdigest(), "files": [0], "outputs": []}
    assert client.post(f"/api/final/{sha256}/seen", seen).status == 200
    offered = client.get(f"/api/final/{sha256}/terms").json()
    return sha256, {
        "audience": store.as_uri(), "owner": "mine", "confirmed_unseen": True,
        "notice_sha256": offered["notice_sha256"],
    }  # fmt: skip


def left_over(base: Path) -> list[str]:
    """Return what lies among the episodes besides the one that was sealed."""
    return sorted(path.name for path in base.parent.iterdir() if path != base)


def test_an_episode_changed_on_disk_is_neither_kept_nor_signed(base: Path, tmp_path: Path) -> None:
    with ServedReview(base) as review:
        client = review.open()
        sha256, chosen = final_of(client, tmp_path / "store")
        base.write_bytes(base.read_bytes() + b"\0")
        for answer in (
            client.put_plan(cut_kinds=["view"]),
            client.post("/api/keeps/0/final", {}),
            client.post(f"/api/final/{sha256}/sign", chosen),
        ):
            assert (answer.status, answer.json()["exit_code"]) == (422, 11)
            assert "changed on disk" in str(answer.json()["error"])
        assert review.end() == 0
    assert left_over(base) == []


def test_a_plan_changed_by_hand_is_said_and_nothing_is_signed(base: Path, tmp_path: Path) -> None:
    with ServedReview(base) as review:
        client = review.open()
        sha256, chosen = final_of(client, tmp_path / "store")
        draft = draft_path(resolve_home(), hashlib.sha256(base.read_bytes()).hexdigest())
        whole = draft.read_bytes()
        draft.write_bytes(whole[:-20])
        answer = client.post(f"/api/final/{sha256}/sign", chosen)
        assert (answer.status, answer.json()["exit_code"]) == (422, 11)
        draft.write_bytes(whole)
        assert client.get("/api/review").status == 200
        assert review.end() == 0
    assert left_over(base) == []


def test_of_two_reviews_at_once_the_second_to_change_the_plan_looks_again(base: Path) -> None:
    with ServedReview(base) as one, ServedReview(base) as other:
        first, second = one.open(), other.open()
        told = second.get("/api/review").json()
        assert first.put_plan(keeps=KEEP).status == 200
        sent = {"revision": told["revision"], "plan": told["plan"]}
        answer = second.ask("PUT", "/api/plan", sent)
        assert (answer.status, answer.json()["exit_code"]) == (409, 1)
        assert second.get("/api/review").json()["plan"] == first.get("/api/review").json()["plan"]
        assert (one.end(), other.end()) == (0, 0)


def test_a_git_key_that_is_missing_leaves_no_episode_and_no_statement(
    base: Path, tmp_path: Path
) -> None:
    with ServedReview(base) as review:
        client = review.open()
        sha256, chosen = final_of(client, tmp_path / "store")
        answer = client.post(f"/api/final/{sha256}/sign", chosen | {"as_me": True})
        assert (answer.status, answer.json()["exit_code"]) == (404, 10)
        assert "no signing key" in str(answer.json()["error"])
        assert review.end() == 0
    assert left_over(base) == []


def test_a_full_disk_is_said_and_the_plan_goes_on_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mounted_small_disk(tmp_path / "disk", kib=1024) as disk:
        monkeypatch.setenv("SIGNOFF_HOME", str(disk / "home"))
        base = sealed_day()
        with ServedReview(base) as review:
            client = review.open()
            assert client.put_plan(keeps=KEEP).status == 200
            filler = fill(disk)
            full = client.post("/api/keeps/0/final", {})
            assert (full.status, full.json()["exit_code"]) == (507, 1)
            filler.unlink()
            assert client.post("/api/keeps/0/final", {}).status == 200
            assert review.end() == 0
        assert left_over(base) == []
