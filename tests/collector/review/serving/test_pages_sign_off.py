"""What is signed is what the page was given, hashed, and shown (P3, threat 3)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.collector.review.serving.conftest import Served, day_bytes
from tests.support.hub_terms import HUB, hub_terms, signed_terms
from tests.support.leaks import leaks_in_bytes
from tests.support.page_sign_off import FIRST_TASK, agreement, make_final, see_all
from tests.support.review_page import ASIDE, CLIENT, put_base
from tests.support.sign_off import call_signoff
from tests.support.small_disk import fill, mounted_small_disk

from signoff_collector.consent.hub_terms import keep_terms
from signoff_collector.consent.review_records import find_review
from signoff_collector.consent.terms.audience import Audience
from signoff_collector.consent.terms.notices import current_notice
from signoff_collector.episode.file.reader import read_episode
from signoff_collector.own_files.home import Home
from signoff_collector.own_files.private_files import replace_private
from signoff_schemas.statement import parse_statement

KEEP = [FIRST_TASK]


def test_a_kept_task_is_signed_from_the_bytes_that_were_shown(
    served: Served, tmp_path: Path
) -> None:
    client = served.open()
    sha256 = make_final(client)
    assert [path.name for path in served.home.episodes.glob("*.episode")] == [served.base.name]
    seen = see_all(client, sha256).json()
    assert (seen["files_seen"], seen["files_total"]) == (1, 1)
    chosen = agreement(client, sha256, tmp_path / "store")
    signed = client.post(f"/api/final/{sha256}/sign", chosen)
    assert signed.status == 200, signed.raw
    row = signed.json()
    statement = parse_statement(Path(str(row["statement_path"])).read_bytes())
    assert statement.predicate.shown_digest == sha256
    assert statement.predicate.review.mode == "page"
    assert statement.predicate.review.files_seen == 1
    assert statement.predicate.notice == current_notice()
    shared = Path(str(row["statement_path"])).with_name(f"{sha256[:16]}.episode")
    data = shared.read_bytes()
    assert hashlib.sha256(data).hexdigest() == sha256
    assert data == client.get(f"/api/final/{sha256}").body
    assert leaks_in_bytes(data, [ASIDE]) == []
    assert call_signoff("verify", shared).code == 0
    assert row["recovery_code"]
    client.post("/api/leave", {})
    served.wait()
    served.finals.close()
    record = find_review(served.home, sha256)
    assert record is not None
    assert (record.mode, record.files_seen) == ("page", 1)


def test_a_page_shows_a_hubs_terms_and_signs_under_no_others(served: Served) -> None:
    client = served.open()
    sha256 = make_final(client)
    see_all(client, sha256)
    unknown = client.post("/api/hub-terms", {"audience": HUB})
    assert (unknown.status, unknown.json()["exit_code"]) == (404, 10)
    keep_terms(served.home, Audience(HUB), *signed_terms())
    hub = client.post("/api/hub-terms", {"audience": "HTTPS://hub.example.org:443/team/"}).json()[
        "hub"
    ]
    assert isinstance(hub, dict)
    assert (hub["audience"], hub["text"]) == (HUB, hub_terms().text)
    assert client.post("/api/hub-terms", {"audience": "file:///srv/store"}).json() == {"hub": None}
    assert client.post("/api/hub-terms", {"audience": "ftp://x"}).json()["exit_code"] == 2
    chosen = {**agreement(client, sha256, served.home.root), "audience": HUB}
    for read in (None, "0" * 64):
        refused = client.post(f"/api/final/{sha256}/sign", {**chosen, "hub_terms_sha256": read})
        assert (refused.status, refused.json()["exit_code"]) == (403, 13)
    shown = {**chosen, "hub_terms_sha256": hub["terms_sha256"]}
    signed = client.post(f"/api/final/{sha256}/sign", shown)
    assert signed.status == 200, signed.raw
    written = Path(str(signed.json()["statement_path"])).read_bytes()
    receiver = parse_statement(written).predicate.receiver
    assert receiver is not None
    assert receiver.terms_sha256 == hub["terms_sha256"]


def test_terms_and_statement_come_from_one_notice(served: Served) -> None:
    client = served.open()
    sha256 = make_final(client)
    see_all(client, sha256)
    offered = client.get(f"/api/final/{sha256}/terms").json()
    assert (offered["unseen_files"], offered["files_seen"]) == ([], 1)
    assert isinstance(offered["unseen_outputs"], list)
    assert len(offered["unseen_outputs"]) == offered["outputs_total"]
    assert offered["notice"] == current_notice().model_dump(mode="json")
    assert offered["notice_sha256"] == hashlib.sha256(current_notice().text.encode()).hexdigest()


def test_nothing_is_offered_or_signed_before_the_page_hashed_the_same_bytes(
    served: Served, tmp_path: Path
) -> None:
    client = served.open()
    sha256 = make_final(client)
    chosen = {"audience": "file:///x", "notice_sha256": "0" * 64}
    assert client.get(f"/api/final/{sha256}/terms").status == 403
    assert client.post(f"/api/final/{sha256}/sign", chosen).status == 403
    other = client.post(f"/api/final/{sha256}/seen", {"sha256": "0" * 64, "files": [0]})
    assert (other.status, other.json()["exit_code"]) == (403, 13)
    assert find_review(served.home, sha256) is None
    assert client.post(f"/api/final/{sha256}/sign", chosen).status == 403
    unknown = client.get(f"/api/final/{'0' * 64}")
    assert (unknown.status, unknown.json()["exit_code"]) == (404, 10)


def test_a_page_that_fetched_nothing_has_shown_nothing(served: Served) -> None:
    client = served.open()
    sha256 = make_final(client)
    guessed = {"sha256": sha256, "files": [0], "outputs": [0, 1]}
    refused = client.post(f"/api/final/{sha256}/seen", guessed)
    assert (refused.status, refused.json()["exit_code"]) == (403, 13)
    assert find_review(served.home, sha256) is None
    assert client.get(f"/api/final/{sha256}/terms").status == 403
    assert client.get(f"/api/final/{sha256}").status == 200
    assert client.post(f"/api/final/{sha256}/seen", guessed).status == 200


def test_a_page_that_skips_what_waits_to_be_decided_signs_nothing(
    served: Served, tmp_path: Path
) -> None:
    client = served.open()
    assert client.put_plan(keeps=KEEP).status == 200
    assert client.get("/api/keeps/0/check").json()["decisions_needed"] != 0
    sha256 = str(client.post("/api/keeps/0/final", {}).json()["sha256"])
    see_all(client, sha256)
    chosen = agreement(client, sha256, tmp_path / "store")
    refused = client.post(f"/api/final/{sha256}/sign", chosen)
    assert (refused.status, refused.json()["exit_code"]) == (403, 13)
    assert "To check" in str(refused.json()["error"])
    assert len(list(served.home.episodes.iterdir())) == 1
    client.accept_all()
    assert str(client.post("/api/keeps/0/final", {}).json()["sha256"]) == sha256
    assert client.post(f"/api/final/{sha256}/sign", chosen).status == 200


def test_a_snapshot_changed_behind_the_page_is_neither_given_out_nor_signed(
    served: Served, tmp_path: Path
) -> None:
    client = served.open()
    sha256 = make_final(client)
    see_all(client, sha256)
    chosen = agreement(client, sha256, tmp_path / "store")
    (snapshot,) = served.home.state.glob("final-*/*.episode")
    assert snapshot.stat().st_mode & 0o777 == 0o600
    replace_private(snapshot, day_bytes())
    for answer in (
        client.get(f"/api/final/{sha256}"),
        client.get(f"/api/final/{sha256}/terms"),
        client.post(f"/api/final/{sha256}/sign", chosen),
    ):
        assert (answer.status, answer.json()["exit_code"]) == (422, 11)
    assert no_traces(served.home, served.base)


def no_traces(home: Home, base: Path) -> bool:
    """Say whether nothing but the base lies among the episodes."""
    return [path.name for path in home.episodes.iterdir()] == [base.name]


def test_a_plan_changed_after_the_final_episode_was_made_is_not_signed(
    served: Served, tmp_path: Path
) -> None:
    client = served.open()
    sha256 = make_final(client)
    see_all(client, sha256)
    client.get("/api/keeps/0/preview")
    chosen = agreement(client, sha256, tmp_path / "store")
    client.post("/api/mask", {"value": CLIENT})
    answer = client.post(f"/api/final/{sha256}/sign", chosen)
    assert (answer.status, answer.json()["exit_code"]) == (409, 1)
    again = client.post("/api/keeps/0/final", {}).json()
    assert again["changed_since_preview"] is True
    assert again["sha256"] != sha256
    assert no_traces(served.home, served.base)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"notice_sha256": "0" * 64}, 403),
        ({"confirmed_unseen": False}, 403),
        ({"owner": "employer"}, 403),
        ({"audience": "http://x.example/"}, 403),
        ({"licence": "my own"}, 400),
        ({"purposes": ["surveillance"]}, 400),
        ({"surprise": 1}, 400),
    ],
)
def test_terms_that_are_not_met_sign_nothing_and_leave_nothing(
    served: Served, tmp_path: Path, fields: dict[str, object], status: int
) -> None:
    client = served.open()
    sha256 = make_final(client)
    content = client.get(f"/api/final/{sha256}").body
    client.post(
        f"/api/final/{sha256}/seen", {"sha256": hashlib.sha256(content).hexdigest(), "files": []}
    )
    chosen = agreement(client, sha256, tmp_path / "store", **fields)
    answer = client.post(f"/api/final/{sha256}/sign", chosen)
    assert answer.status == status, answer.raw
    assert set(answer.json()) == {"error", "hint", "exit_code"}
    assert no_traces(served.home, served.base)


def test_a_key_that_cannot_sign_is_said_and_nothing_is_half_written(
    served: Served, tmp_path: Path
) -> None:
    client = served.open()
    sha256 = make_final(client)
    see_all(client, sha256)
    chosen = agreement(client, sha256, tmp_path / "store")
    signed = client.post(f"/api/final/{sha256}/sign", chosen)
    assert signed.status == 200
    first = Path(str(signed.json()["statement_path"])).read_bytes()
    for key in served.home.keys.glob("*/id_ed25519"):
        key.write_bytes(b"no key")
    again = agreement(client, sha256, tmp_path / "store")
    answer = client.post(f"/api/final/{sha256}/sign", again)
    assert answer.status >= 400
    assert Path(str(signed.json()["statement_path"])).read_bytes() == first


def test_declining_leaves_neither_snapshot_nor_record(served: Served) -> None:
    client = served.open()
    sha256 = make_final(client)
    see_all(client, sha256)
    assert find_review(served.home, sha256) is not None
    client.post("/api/leave", {})
    served.wait()
    served.finals.close()
    assert find_review(served.home, sha256) is None
    assert no_traces(served.home, served.base)


def test_a_full_disk_makes_no_final_episode_and_keeps_the_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, serve: Callable[..., Served]
) -> None:
    with mounted_small_disk(tmp_path / "disk", kib=512) as disk:
        monkeypatch.setenv("SIGNOFF_HOME", str(disk / "home"))
        served = serve(put_base(day_bytes()))
        client = served.open()
        assert client.put_plan(keeps=KEEP).status == 200
        filler = fill(disk)
        full = client.post("/api/keeps/0/final", {})
        assert (full.status, full.json()["exit_code"]) == (507, 1)
        assert not list(served.home.state.glob("final-*/*.episode"))
        filler.unlink()
        sha256 = make_final(client)
        see_all(client, sha256)
        chosen = agreement(client, sha256, tmp_path / "store")
        fill(disk)
        refused = client.post(f"/api/final/{sha256}/sign", chosen)
        assert refused.status in {500, 507}, refused.raw
        assert no_traces(served.home, served.base)
        assert client.get("/api/review").json()["plan"]["keeps"]  # type: ignore[index]
        served.end()


def test_the_final_episode_is_the_preview_that_was_looked_at(served: Served) -> None:
    client = served.open()
    assert client.put_plan(keeps=KEEP).status == 200
    preview = client.get("/api/keeps/0/preview").body
    made = client.post("/api/keeps/0/final", {}).json()
    assert made["sha256"] == hashlib.sha256(preview).hexdigest()
    assert made["size_bytes"] == len(preview)
    assert made["changed_since_preview"] is False
    assert (made["revision"], made["can_undo"]) == (1, True)
    assert read_episode(preview).header.origin == "shared"
    assert json.loads((served.home.state / "reviews").joinpath(
        f"{served.reviewing.file.sha256}.draft").read_text())["now"]["plan"]["keeps"]  # fmt: skip


def states(row: dict[str, object]) -> list[object]:
    """Return what became of the tasks, as an answer says."""
    tasks = row["tasks"]
    assert isinstance(tasks, list)
    return [one["state"] for one in tasks]


def test_one_signed_task_says_nothing_of_another(served: Served, tmp_path: Path) -> None:
    client = served.open()
    told = client.get("/api/review").json()
    assert states(told) == ["nothing", "nothing"]
    proposals = told["proposals"]
    assert isinstance(proposals, list)
    first, second = ({name: one[name] for name in ("from_seq", "to_seq")} for one in proposals)
    sha256 = make_final(client, first)
    see_all(client, sha256)
    chosen = agreement(client, sha256, tmp_path / "store")
    # The other task is included and named meanwhile: this one's bytes are the same, and signed.
    both = [first, second | {"title": "Another \U0001f600\U00010348"}]
    assert states(client.put_plan(keeps=both).json()) == ["included", "included"]
    assert client.get("/api/keeps/0/digest").json() == {"sha256": sha256}
    signed = client.post(f"/api/final/{sha256}/sign", chosen)
    assert signed.status == 200, signed.raw
    assert states(signed.json()) == ["signed", "included"]
    # What is left out of the plan later, and a mask that changes it, take back no signature.
    assert states(client.put_plan(keeps=both[1:]).json()) == ["signed", "included"]
    assert states(client.put_plan(keeps=both).json()) == ["signed", "included"]
    assert states(client.post("/api/mask", {"value": CLIENT}).json()) == ["signed", "included"]
    assert client.get("/api/keeps/0/digest").json() != {"sha256": sha256}
    shared = served.home.episodes / f"{sha256[:16]}.episode"
    assert call_signoff("upload", shared, "--to", tmp_path / "store").code == 0
    assert states(client.get("/api/tasks").json()) == ["sent", "included"]
    assert call_signoff("withdraw", "--yes", shared).code == 0
    assert states(client.get("/api/tasks").json()) == ["withdrawn", "included"]


def test_a_recovery_code_counts_as_saved_only_when_the_person_says_so(served: Served) -> None:
    client = served.open()
    assert client.post("/api/recovery-saved", {"confirmed": False}).status == 400
    assert not served.finals.is_code_saved
    assert client.post("/api/recovery-saved", {"confirmed": True}).status == 200
    assert served.finals.is_code_saved


def test_what_was_seen_of_a_preview_counts_where_the_final_file_has_the_same(
    served: Served,
) -> None:
    client = served.open()
    assert client.put_plan(keeps=KEEP).status == 200
    client.accept_all()
    preview = hashlib.sha256(client.get("/api/keeps/0/preview").body).hexdigest()
    # Of bytes that were never given nothing can have been shown.
    other = {"sha256": "ab" * 32, "files": [0], "outputs": list(range(99))}
    assert client.post("/api/previews/seen", other).status == 200
    sha256 = make_final(client)
    assert sha256 == preview
    client.get(f"/api/final/{sha256}")
    nothing = {"sha256": sha256, "files": [], "outputs": []}
    seen = client.post(f"/api/final/{sha256}/seen", nothing).json()
    assert (seen["files_seen"], seen["outputs_seen"]) == (0, 0)

    shown = {"sha256": preview, "files": [0], "outputs": list(range(99))}
    assert client.post("/api/previews/seen", shown).status == 200
    seen = client.post(f"/api/final/{sha256}/seen", nothing).json()
    assert seen["files_seen"] == seen["files_total"] == 1
    assert seen["outputs_seen"] == seen["outputs_total"]
    offered = client.get(f"/api/final/{sha256}/terms").json()
    assert (offered["unseen"], offered["unseen_files"]) == (0, [])

    # A mask changes the file: it is to be looked at once more, and so is nothing that did not.
    assert client.post("/api/mask", {"value": CLIENT}).status == 200
    masked = make_final(client)
    client.get(f"/api/final/{masked}")
    seen = client.post(f"/api/final/{masked}/seen", nothing | {"sha256": masked}).json()
    assert (seen["files_seen"], seen["files_total"]) == (0, 1)
    assert 0 < int(str(seen["outputs_seen"])) < int(str(seen["outputs_total"]))
