"""The base tree of a sealed session, from its repository to a checkout without one."""

from __future__ import annotations

import base64
import shutil
import stat
from pathlib import Path

import pytest
from tests.support.base_tree import (
    EDITED,
    PLAIN,
    Recorded,
    decompressed,
    record,
    seal_another,
)
from tests.support.leaks import leaks_in_bytes, random_secret
from tests.support.sign_off import call_signoff

from signoff_collector.capture.sessions.session_life import end_session
from signoff_collector.episode.file.strict import strict_check
from signoff_collector.episode.moments.checking import check_replay
from signoff_collector.forgetting.forgetting import forget, make_request
from signoff_collector.forgetting.session_removal import remove_raw
from signoff_collector.kept.episode_files import BASE_TREE_NAME, remove_episode
from signoff_collector.review.base_tree.answering import base_answer
from signoff_collector.review.base_tree.rows import base_tree_row
from signoff_collector.review.desk.base_file import open_base_file
from signoff_collector.review.desk.desk import Desk
from signoff_collector.review.desk.reviewing import Reviewing
from signoff_collector.review.plan.plan_edits import name_repository
from signoff_collector.review.plan.value_masks import masks_for_value
from signoff_collector.system.clock import SystemClock
from signoff_schemas.errors import NotFoundError, UsageError
from signoff_schemas.plan import NamedRepository, plan_bytes

PLANTED = {
    "named": random_secret(61, 32),
    "url": random_secret(62, 24),
    "ignored": random_secret(63, 32),
    "environment": random_secret(64, 32),
}
FILES: dict[str, str | bytes] = {
    "run.sh": "#!/bin/sh\nexit 0\n",
    "link": "-> README.md",
    "config/named.py": f'# 😀🦊\napi_key = "{PLANTED["named"]}"\n',
    "config/url.txt": f"postgres://app:{PLANTED['url']}@db.invalid/app\n",
    ".env": f"TOKEN={PLANTED['environment']}\n",
    "kept.log": f"token: {PLANTED['ignored']}\n",
    ".gitignore": "*.log\n",
    "vendor/lib.py": "# SPDX-License-Identifier: MIT\nvendored = True\n",
    "picture.png": b"\x89PNG\0" + PLANTED["named"].encode(),
}
STAYS = {"config/named.py", "config/url.txt", ".env", "kept.log", "picture.png", "secret.b64"}
GOES = {*PLAIN, *FILES} - STAYS


@pytest.fixture
def recorded(compiled_engine: None, tmp_path: Path) -> Recorded:
    """A base with secrets in it, one of them that of the session, in another spelling."""
    spelled = base64.b64encode(random_secret(71, 32).encode()).decode()
    return record(tmp_path / "project", FILES | {"secret.b64": f"{spelled}\n"})


def test_a_base_tree_goes_the_whole_way(
    recorded: Recorded, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(str(path) for path in recorded.work.root.rglob("*"))
    tree = recorded.tree()
    assert {file.path for file in tree.files} == GOES
    assert {file.path for file in tree.staying} == STAYS
    assert {file.path: file.group for file in tree.files}["vendor/lib.py"] == "vendored"
    plan = recorded.plan()
    data = recorded.previews().of(plan, 0).data
    episode = strict_check(data)
    assert check_replay(episode).mismatches == ()
    secrets = [*PLANTED.values(), recorded.secret]
    assert leaks_in_bytes(data, secrets) == []
    held = decompressed(data)
    assert not any(value.encode() in held for value in secrets)
    assert not any(name.encode() in held for name in STAYS)
    assert not any(value.encode() in plan_bytes(plan) for value in (*secrets, *GOES))

    (tmp_path / "plan.json").write_bytes(plan_bytes(plan))
    done = call_signoff("review", "--plan", tmp_path / "plan.json", "--leave-open", "99", "--json")
    assert done.code == 0, done.err
    (path,) = [one for one in recorded.home.episodes.iterdir() if one.read_bytes() == data]
    assert call_signoff("check", path).code == 0
    assert call_signoff("show", path).code == 0
    done = call_signoff("checkout", path, tmp_path / "out", "--at", "start", "--links")
    assert done.code == 0, done.err
    assert {"6", "base", "commit"} <= set(done.err.split())
    out = tmp_path / "out"
    found = {one.relative_to(out).as_posix() for one in out.rglob("*") if not one.is_dir()}
    assert found == GOES
    assert (out / EDITED).read_text("utf-8") == PLAIN[EDITED]
    assert (out / "link").is_symlink()
    assert sorted(str(path) for path in recorded.work.root.rglob("*")) == before


def test_what_is_kept_beside_the_journals_is_private_and_dies_with_them(
    recorded: Recorded,
) -> None:
    tree = recorded.tree()
    place = recorded.session.folder / BASE_TREE_NAME
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    shutil.rmtree(recorded.work.root / ".git")
    assert recorded.tree() == tree  # the repository is asked once
    place.write_bytes(place.read_bytes()[:-9])
    with pytest.raises(NotFoundError):
        recorded.tree()
    remove_raw(recorded.session)
    assert not place.exists()
    with pytest.raises(NotFoundError):
        recorded.tree()
    with pytest.raises(NotFoundError):
        recorded.previews().of(recorded.plan(with_base=tree.wanted()), 0)


def test_another_session_of_the_workspace_gets_the_same_tree_from_what_passed_before(
    recorded: Recorded,
) -> None:
    first = recorded.tree()
    later = seal_another(recorded, random_secret(65, 32))
    quick = later.tree()
    for one in (recorded, later):
        (one.session.folder / BASE_TREE_NAME).unlink()
    assert later.tree() == quick
    assert quick.scanner_key == first.scanner_key
    assert {file.path for file in quick.files} == GOES


def test_forgetting_takes_the_base_tree_too(recorded: Recorded) -> None:
    recorded.tree()
    place = recorded.session.folder / BASE_TREE_NAME
    assert place.exists()
    clock = SystemClock()
    end_session(recorded.home, recorded.session)
    forget(recorded.home, clock, make_request(clock, from_wall_ns=0), wait_s=0)
    assert not place.exists()


def test_discarding_takes_the_base_tree_too(recorded: Recorded) -> None:
    recorded.tree()
    remove_episode(recorded.home, recorded.base.sha256)
    assert not (recorded.session.folder / BASE_TREE_NAME).exists()


def left_out(desk: Desk) -> list[int]:
    assert desk.plan.with_base is not None
    return list(desk.plan.with_base.leave_out)


def test_page_and_terminal_list_what_goes_and_what_stays(recorded: Recorded) -> None:
    reviewing = Reviewing(recorded.home, open_base_file(recorded.base.path))
    desk = Desk(reviewing)
    with pytest.raises(UsageError):
        base_answer(desk, [])
    desk.change(recorded.plan(with_base=None))
    row = base_tree_row(desk.previews, desk.plan, 0)
    assert (row["possible"], row["is_chosen"], row["claim"]) == (True, False, "private")
    assert str(row["claim_text"]).startswith("not declared public")
    named = NamedRepository(url="https://example.org/ada/tally", spdx="MIT")
    said_public = base_tree_row(desk.previews, name_repository(desk.plan, named), 0)
    assert said_public["claim"] == "declared_public"
    assert "by your claim: you name the repository" in str(said_public["claim_text"])
    assert said_public["files"] == row["files"]
    files = {str(one["path"]): one for one in row["files"]}  # type: ignore[attr-defined]
    assert {path for path, one in files.items() if one["state"] == "carried"} == GOES
    assert {path for path, one in files.items() if one["place"] is None} == STAYS
    assert files["config/named.py"]["line"] == 2
    assert row["files_carried"] == len(GOES)
    said = base_answer(desk, ["take"])
    assert "included" in said
    assert not any(value in said for value in PLANTED.values())
    place = files["README.md"]["place"]
    base_answer(desk, ["out", str(place)])
    assert left_out(desk) == [place]
    assert base_tree_row(desk.previews, desk.plan, 0)["files_carried"] == len(GOES) - 1
    assert reviewing.overview(0)["base_tree"] is not None
    base_answer(desk, ["in", str(place)])
    assert left_out(desk) == []
    for words in (["out", "9999"], ["in", "9999"], ["out", "-1"], ["nonsense"]):
        with pytest.raises(UsageError):
            base_answer(desk, words)
    found = masks_for_value("plankton", recorded.base.episode)
    desk.change(desk.plan.model_copy(update={"mask_texts": found.texts}))
    assert base_tree_row(desk.previews, desk.plan, 0)["files_carried"] == len(GOES) - 1  # EDITED
    base_answer(desk, ["drop"])
    assert desk.plan.with_base is None
