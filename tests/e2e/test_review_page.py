"""A whole review in a real browser: kept, looked at, masked, cut, signed (make e2e-review)."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest
from tests.support.deadline import deadline
from tests.support.review_browser import ASTRAL, drive, need_tools, sealed_day
from tests.support.review_page import ServedReview
from tests.support.sign_off import run_signoff

pytestmark = pytest.mark.review

SEED = 20260117
_ONLY_ONE = {"upload": ("last",), "withdraw": ("last", "--yes")}


@pytest.fixture(autouse=True)
def _tools() -> None:
    need_tools()


def _run(line: str, folder: Path) -> str:
    done = subprocess.run(
        ["/bin/sh", "-euc", line],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=deadline(),
        check=False,
    )
    assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.mark.usefixtures("compiled_engine")
def test_a_kept_task_is_looked_at_masked_cut_and_signed(tmp_path: Path, home: Path) -> None:
    day = sealed_day(tmp_path / "project", SEED)
    store = tmp_path / "store"
    store.mkdir()
    with ServedReview(day.episode) as review:
        result = drive(
            "whole_way",
            review.next_way().address,
            tmp_path / "out",
            {"codename": day.codename, "store": f"file://{store}"},
        )
        assert review.end() == 0
        # Nobody said that it is saved.
        assert "Your recovery code, shown this once" in review.said()

    # One kept task of the day needs few decisions, and the value went to one address only.
    assert isinstance(result["groups"], int)
    assert isinstance(result["decisions"], int)
    assert result["groups"] <= 30
    assert result["decisions"] <= 6
    sent = result["sent"]
    assert isinstance(sent, list)
    holding = {one["path"] for one in sent if day.codename in one["body"]}
    assert holding == {"/api/mask"}

    statement = Path(str(result["statement"]))
    episode = Path(str(statement).removesuffix(".signoff.json") + ".episode")
    assert hashlib.sha256(episode.read_bytes()).hexdigest() == result["digest"]

    # Stock tools alone: the signature, the digest, and nothing of what was masked inside.
    _run(str(result["commands"]), tmp_path)
    plain = _run(f"zstd -dc '{episode}' | strings -n 6", tmp_path)
    for value in (day.codename, day.secret):
        assert value not in plain
        assert not [at for at in range(len(value) - 5) if value[at : at + 6] in plain]
    left = [path for path in home.rglob("*") if path.is_file() and "sessions" not in path.parts]
    shared = [path for path in left if path != day.episode]
    assert not [path.name for path in shared if day.codename.encode() in path.read_bytes()]

    verified = run_signoff("verify", episode)
    assert verified.code == 0, verified.err


@pytest.mark.usefixtures("compiled_engine")
def test_a_killed_review_goes_on_and_its_old_address_opens_nothing(tmp_path: Path) -> None:
    day = sealed_day(tmp_path / "project", SEED + 1)
    with ServedReview(day.episode) as review:
        drive("keep_and_wait", review.next_way().address, tmp_path / "first")
        review.process.kill()
        review.process.wait(deadline())
    with ServedReview(day.episode) as review:
        way = review.next_way()
        result = drive("goes_on", way.address, tmp_path / "second", {"address": way.address})
    assert result["name"] == "Kept before the end"
    assert result["other"] == 200
    # The one-time token was out of the address at once; a reload gets words and no data, and who
    # comes with the old address gets what strangers get.
    assert way.token not in str(result["address"])
    assert result["reloaded"]["status"] == 200  # type: ignore[index]
    assert result["heading"] == "This page was loaded again, and is empty now"
    assert "press enter in the terminal" in str(result["told"]).lower()
    assert "Kept before the end" not in str(result["told"])
    assert result["again"] == {"status": 404, "length": "0"}


@pytest.mark.usefixtures("compiled_engine")
def test_declining_leaves_the_plan_and_nothing_else(tmp_path: Path, home: Path) -> None:
    day = sealed_day(tmp_path / "project", SEED + 2)
    with ServedReview(day.episode) as review:
        result = drive("declines", review.next_way().address, tmp_path / "out")
        assert review.wait() == 0
    assert result["focused"] == "Keep it"
    assert list((home / "data" / "episodes").iterdir()) == [day.episode]
    left = {path.suffix for path in (home / "state" / "reviews").iterdir()}
    assert left <= {".draft", ".lock"}


HOSTILE = (
    "<script>globalThis.__hit = 1</script>\n"
    "<img src=x onerror='globalThis.__hit = 2'><svg onload='globalThis.__hit = 3'>\n"
    "</script></style></textarea><!-- --><iframe srcdoc='<script>parent.__hit = 4</script>'>\n"
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x1b[8mhidden\x1b[0m over\rwritten \x00\x7f\x9b31m\n"
    "\u202emoc.live\u202c \u2066isolated\u2069 zero\u200bwidth\u2060joined\ufeff\n"
    "p\u0430ypal \u0391pple selector\ufe0f\n"
    "tag\U000e0041\U000e0042 \U000e0101 \U0001f642\U00010348\n"
    "javascript:alert(1) https://127.0.0.1:9/beacon data:text/html,<b>x</b>\n"
) + "\n" * 300
NAME = "src/<img src=x onerror=alert(1)>\u202egpj.p\u0430y \U0001f642.py"


@pytest.mark.usefixtures("compiled_engine")
def test_a_hostile_recording_is_shown_as_marks_and_does_nothing(tmp_path: Path) -> None:
    day = sealed_day(tmp_path / "project", SEED + 3, more=HOSTILE, name=NAME)
    with ServedReview(day.episode) as review:
        drive("hostile", review.next_way().address, tmp_path / "out")
        assert review.end() == 0


@pytest.mark.usefixtures("compiled_engine", "home")
def test_everything_can_be_reached_by_keys_alone(tmp_path: Path) -> None:
    day = sealed_day(tmp_path / "project", SEED + 4)
    store = tmp_path / "store"
    store.mkdir()
    with ServedReview(day.episode) as review:
        given = {"store": store.as_uri()}
        drive("keyboard", review.next_way().address, tmp_path / "out", given)
        assert review.end() == 0


@pytest.mark.usefixtures("compiled_engine", "home")
def test_the_focus_goes_to_what_came_of_what_was_pressed(tmp_path: Path) -> None:
    day = sealed_day(tmp_path / "project", SEED + 7)
    store = tmp_path / "store"
    store.mkdir()
    with ServedReview(day.episode) as review:
        given = {"store": store.as_uri()}
        drive("focus", review.next_way().address, tmp_path / "out", given)
        assert review.end() == 0


@pytest.mark.usefixtures("compiled_engine", "home")
def test_a_signed_task_says_nothing_of_the_next_one(tmp_path: Path) -> None:
    day = sealed_day(tmp_path / "project", SEED + 5)
    store = f"file://{tmp_path / 'store'}"
    with ServedReview(day.episode) as review:
        address = review.next_way().address
        result = drive("two_tasks", address, tmp_path / "out", {"store": store})
        assert review.end() == 0
        assert "recovery code" not in review.said()
    assert result["atFirst"] == ["included", "included", "nothing"]
    assert result["atLast"] == ["signed", "included", "nothing"]
    assert result["isHeld"]
    assert str(result["signed"]).startswith("1 of 2 included tasks signed.")
    other = str(result["other"])
    assert "You are done" not in other
    assert "The plan was changed" not in other
    assert "What you included is signed" not in other
    assert "The plan was changed" not in str(result["back"])

    for verb, word, where in (("upload", "sent", "to"), ("withdraw", "withdrawn", "from")):
        said = run_signoff(verb, *_ONLY_ONE[verb], f"--{where}", store)
        assert said.code == 0, said
        with ServedReview(day.episode) as review:
            again = drive("task_states", review.next_way().address, tmp_path / f"out_{word}")
            assert review.end() == 0
        assert again["states"] == [word, "included", "nothing"]
        for place in ("first", "before"):
            assert f"{word.capitalize()} {where} {store}." in str(again[place])
        assert "You are done" not in str(again["leaving"])


@pytest.mark.usefixtures("compiled_engine")
def test_what_was_looked_at_stays_looked_at_while_it_is_the_same(tmp_path: Path) -> None:
    erased = f"# the client is late again {ASTRAL}"
    day = sealed_day(tmp_path / "project", SEED + 6, erased=erased)
    with ServedReview(day.episode) as review:
        address = review.next_way().address
        result = drive("looking_carries_over", address, tmp_path / "out", {"value": day.codename})
        assert review.end() == 0
    assert "everything that was recorded" not in str(result["header"])
    assert result["card"] == "1 text was deleted or replaced. It is in the file."
    same, undone = result["same"], result["undone"]
    assert isinstance(same, dict)
    assert isinstance(undone, dict)
    for found in (same, undone):
        assert "Nothing changed since the preview you looked at." in found["since"]
        assert found["seen"].startswith("2 of 2 files, 3 of 3 outputs, 2 of 2 messages and"), found
    # Each file was looked at from its first to its last state, and what was deleted was not.
    assert "and 0 of 1 deleted text were opened" in same["seen"]
    assert ["1 deleted text" in one for one in same["unseen"]] == [True]
    assert erased in str(result["read"])
    assert str(result["all"]).endswith("2 of 2 messages and 1 of 1 deleted text were opened.")
    assert (undone["unseen"], "1 of 1 deleted text" in undone["seen"]) == ([], True)
    changed = result["changed"]
    assert isinstance(changed, dict)
    assert changed["seen"].startswith("1 of 2 files, 2 of 3 outputs, 2 of 2 messages and 1 of"), (
        changed
    )
    unseen = "\n".join(changed["unseen"])
    assert "src/client.py" in unseen
    assert "python -m src.client" in unseen
