"""`signoff review` as a person meets it: in a terminal, or with a plan file."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.deadline import deadline
from tests.support.leaks import leaks_in_bytes, random_secret
from tests.support.repaired import repaired_base
from tests.support.terminal import Terminal
from tests.support.typist import Typist

from signoff_collector.consent.review_records import ReviewRecord, find_review
from signoff_collector.episode.content import Episode
from signoff_collector.episode.file.reader import read_episode
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.own_files.home import resolve_home
from signoff_collector.redaction.interface import RedactionPolicy
from signoff_collector.redaction.redactor import Redactor
from signoff_collector.review.desk.base_file import open_base_file
from signoff_collector.review.desk.reviewing import Reviewing
from signoff_schemas.plan import TaskKeep, parse_plan, plan_bytes
from signoff_schemas.steps import NoteStep

pytestmark = pytest.mark.slow

SIGNOFF = [sys.executable, "-I", "-m", "signoff_collector"]
CLIENT = "Umbrella4711"
ASIDE = "what Brunhilde said of Siegfried"


def recorded() -> Episode:
    typist = Typist(cursors=True)
    typist.open("src/app.py", "# 😀🚀\n")
    typist.begin_task("fix the parser")
    typist.type_at_end("src/app.py", f"client = '{CLIENT}'\n")
    typist.save("src/app.py")
    typist.command(["pytest", "-q"], f"1 failed for {CLIENT}\n\x1b[8mhidden\x1b[0m\rover\u200b\n")
    typist.begin_task("private things")
    typist.type_at_end("src/app.py", f"# {ASIDE}\n")
    typist.save("src/app.py")
    return Redactor(RedactionPolicy()).redact_episode(typist.episode())


def lines() -> dict[str, str]:
    """The environment of a person who wants the dialogue of lines."""
    return {**os.environ, "SIGNOFF_PLAIN": "1"}


@pytest.fixture
def base(home: Path) -> Path:
    """A sealed episode in a fresh home."""
    made = recorded()
    header = made.header.model_copy(update={"captured_on": "2026-09-22"})
    data = write_episode(replace(made, header=header))
    folder = resolve_home().ensure().episodes
    path = folder / f"{hashlib.sha256(data).hexdigest()[:16]}.episode"
    path.write_bytes(data)
    path.chmod(0o600)
    return path


def signoff(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*SIGNOFF, *arguments],
        capture_output=True,
        text=True,
        timeout=deadline(),
        stdin=subprocess.DEVNULL,
        check=False,
    )


def shared_files(base: Path) -> list[Path]:
    return sorted(path for path in base.parent.glob("*.episode") if path != base)


def record_of(path: Path) -> ReviewRecord:
    record = find_review(resolve_home(), hashlib.sha256(path.read_bytes()).hexdigest())
    assert record is not None
    return record


MISPLACED = {"seq": 0, "field": "/nowhere", "start": 0, "length": 1}


def write_plan(base: Path, folder: Path, **fields: object) -> Path:
    sha256 = hashlib.sha256(base.read_bytes()).hexdigest()
    path = folder / "plan.json"
    path.write_text(json.dumps({"base_sha256": sha256} | fields))
    return path


def sign(terminal: Terminal, store: Path) -> None:
    """Answer everything between "this may be shared" and the signature."""
    store.mkdir(exist_ok=True)
    terminal.expect("empty: not now>")
    terminal.send(store.as_uri())
    terminal.expect("unknown)>")
    terminal.send("mine")
    if "left open under To check" in terminal.expect("? (yes/no)>"):
        terminal.send("yes")
        terminal.expect("sign this for")
    terminal.send("yes")
    terminal.expect("authority     good")
    assert terminal.end() == 0


def test_a_dialogue_keeps_one_task_masks_a_value_and_leaves_a_record(
    base: Path, tmp_path: Path
) -> None:
    with Terminal([*SIGNOFF, "review", "--terminal"], env=lines()) as terminal:
        opening = terminal.expect("review>")
        assert "fix the parser" in opening
        terminal.send("include 0")
        terminal.expect("included: task 0")
        terminal.send("mask")
        terminal.expect("not shown")
        terminal.send(CLIENT)
        hidden = terminal.expect("masked")
        assert CLIENT not in hidden
        terminal.send("done")
        terminal.expect("final: task 0")
        terminal.expect("(yes/no)>")
        terminal.send("all")
        shown = terminal.expect("(yes/no)>")
        assert "REDACTED_MASK_1" in shown
        assert CLIENT not in shown
        terminal.send("yes")
        sign(terminal, tmp_path / "store")
    (shared,) = shared_files(base)
    record = record_of(shared)
    assert record.mode == "terminal"
    assert (record.files_seen, record.files_total) == (1, 1)
    assert record.outputs_seen == record.outputs_total == 2
    assert leaks_in_bytes(shared.read_bytes(), [CLIENT, ASIDE]) == []
    plan = shared.with_suffix(".plan.json").read_bytes()
    assert CLIENT.encode() not in plan
    assert parse_plan(plan).mask_fields


def test_a_dialogue_asks_at_three_moments_skips_by_one_key_and_masks_what_is_said(
    home: Path, tmp_path: Path
) -> None:
    assert not home.exists()
    base = repaired_base()
    token = random_secret(95, 36)
    with Terminal([*SIGNOFF, "review", "--terminal"], env=lines()) as terminal:
        terminal.expect("review>")
        terminal.send("notes")
        terminal.expect("there is no moment to ask about")
        terminal.send("include all")
        terminal.expect("`notes` asks what you were thinking")
        terminal.send("notes")
        terminal.expect("You tried this, and it did not stay.")
        terminal.expect("empty skips>")
        terminal.send("")
        terminal.expect("Before the fix you took your time here.")
        terminal.expect("empty skips>")
        terminal.send(f"it was 😀🚀 the order, not ghp_{token}")
        terminal.expect("With this the test passed.")
        terminal.expect("y = right()")
        terminal.expect("empty skips>")
        terminal.send("")
        terminal.expect("one note was changed")
        terminal.expect("review>")
        for wrong, told in (
            ("note 99999 x", "a note after step 99999; the episode has"),
            ("note x y", "'x' is not the number of a step"),
            (f"note 3 {'x' * 1001}", "one line of at most 1000 characters"),
            ("notes 7", "there is no included task 7"),
        ):
            terminal.send(wrong)
            terminal.expect(told)
            terminal.expect("review>")
        terminal.send("plan")
        noted = terminal.expect("review>")
        (seq,) = re.findall(r"note after step (\d+)", noted)
        terminal.send(f"cut {seq}")
        terminal.expect(f"there is a note after step {seq}, which the plan cuts")
        terminal.send("done")
        terminal.expect("(yes/no)>")
        terminal.send("all")
        shown = terminal.expect("(yes/no)>")
        assert "note, written afterwards" in shown
        assert "it was 😀🚀 the order, not REDACTED_" in shown
        assert token not in shown
        terminal.send("yes")
        sign(terminal, tmp_path / "store")
    (shared,) = shared_files(base)
    assert leaks_in_bytes(shared.read_bytes(), [token]) == []
    (note,) = [step for step in read_episode(shared.read_bytes()).steps if step.kind == "note"]
    assert getattr(note, "stated", "") == "review"


def test_a_token_of_no_known_word_is_listed_and_masked_by_one_action(
    base: Path, tmp_path: Path
) -> None:
    token = "muba" + "lota"
    typist = Typist()
    typist.open("a.py", f"# 😀🚀 say {token} to them\n")
    typist.type_at_end("a.py", f"words = '{token}'\n")
    typist.save("a.py")
    typist.command(["make"], f"said {token}\n")
    data = write_episode(Redactor(RedactionPolicy()).redact_episode(typist.episode()))
    path = base.with_name(f"{hashlib.sha256(data).hexdigest()[:16]}.episode")
    path.write_bytes(data)
    path.chmod(0o600)
    with Terminal([*SIGNOFF, "review", "--terminal", str(path)], env=lines()) as terminal:
        terminal.expect("review>")
        terminal.send("include all")
        terminal.expect("review>")
        terminal.send("check")
        listed = terminal.expect("review>").splitlines()
        (number,) = [line.split()[0] for line in listed if "unknown words: 1 word" in line]
        assert any("(3 places)" in line for line in listed)
        assert any(f"say »{token}« to them" in line for line in listed)
        terminal.send(f"check {number} find {token.upper()}")
        assert f"{number}.0 decide     {token} (3 places)" in terminal.expect("review>")
        terminal.send(f"check {number} find no such thing")
        assert f"{number}.0" not in terminal.expect("review>")
        terminal.send(f"check {number}.0 accept")
        assert f"{number} accepted" in terminal.expect("review>")
        terminal.send("undo")
        terminal.expect("undone")
        terminal.expect("review>")
        terminal.send("check rest bogus")
        assert "bogus cannot be done with all that is left" in terminal.expect("review>")
        terminal.send("check rest mask")
        terminal.expect("mask: 1 item is decided; `undo` takes it back")
        assert f"{number} masked" in terminal.expect("review>")
        terminal.send("check rest accept")
        told = terminal.expect("review>")
        assert "accept: 0 items are decided" in told
        assert "undo" not in told
        terminal.send("undo")
        terminal.expect("review>")
        for wrong in (f"check {number}.7 mask", f"check {number} unmask", "check rest"):
            terminal.send(wrong)
            assert "mask: done" not in terminal.expect("review>")
        terminal.send(f"check {number} mask")
        terminal.expect("mask: done")
        assert f"{number} masked" in terminal.expect("review>")
        terminal.send("check 99")
        assert "there is no group 99" in terminal.expect("review>")
        terminal.send("done")
        terminal.expect("(yes/no)>")
        terminal.send("all")
        terminal.expect("(yes/no)>")
        terminal.send("yes")
        sign(terminal, tmp_path / "store")
    (shared,) = [one for one in shared_files(base) if one != path]
    assert leaks_in_bytes(shared.read_bytes(), [token]) == []
    assert token.encode() not in shared.with_suffix(".plan.json").read_bytes()


def test_looking_is_said_in_the_same_words_before_and_after_done(base: Path) -> None:
    """Every word of `help` that looks works on the recording and on the final bytes."""
    with Terminal([*SIGNOFF, "review", "--terminal", str(base)], env=lines()) as terminal:
        prompt = "review>"
        terminal.expect(prompt)
        terminal.send("include 0")
        terminal.expect(prompt)
        for stage in ("recorded", "final"):
            said = {}
            for line in ("files", "diff 0", "outputs", "all", "steps 0-2", "diff", "diff 99"):
                terminal.send(line)
                said[line] = terminal.expect(prompt)
            assert "src/app.py" in said["files"], stage
            assert "--- file 0 src/app.py" in said["diff 0"]
            assert all(one in said["all"] for one in ("--- file 0", "--- step "))
            assert "chars" in said["outputs"]
            assert "there is no file 99" in said["diff 99"]
            assert "not understood" in said["diff"] or "diff FILE" in said["diff"]
            if stage == "recorded":
                terminal.send("done")
                prompt = "(yes/no)>"
                terminal.expect(prompt)
        terminal.send("no")
        assert terminal.end() == 0


def test_text_that_lies_to_a_terminal_is_spelled_out(base: Path) -> None:
    with Terminal(
        [*SIGNOFF, "review", "--terminal", str(base)], env={**lines(), "NO_COLOR": "1"}
    ) as terminal:
        terminal.expect("review>")
        terminal.send("outputs")
        listed = terminal.expect("review>")
        seq = next(line.split()[0] for line in listed.splitlines() if "$ pytest" in line)
        terminal.send(f"out {seq}")
        shown = terminal.expect("review>")
        assert "␛[8mhidden␛[0m␍over<U+200B>" in shown
        assert "\x1b" not in shown
        terminal.send("quit")
        assert terminal.end() == 0
    assert shared_files(base) == []


def test_text_that_comes_in_from_before_is_listed_and_can_be_hidden(
    base: Path, tmp_path: Path
) -> None:
    with Terminal([*SIGNOFF, "review", "--terminal"], env=lines()) as terminal:
        terminal.expect("review>")
        said = {}
        for line in ("help", "include 1", "entered", "times 100ms", "whole 0", "hide 7", "files",
                     "day", "day tell", "plan", "summary 1"):  # fmt: skip
            terminal.send(line)
            said[line] = terminal.expect("review>")
        assert "day tell or day drop" in said["day"]
        assert "the day is told" in said["plan"]
        listed = [line.split() for line in said["entered"].splitlines() if "as it was" in line]
        assert {words[1] for words in listed} == {"src/app.py"}
        assert "there is no text 7" in said["hide 7"]
        for words in listed:
            terminal.send(f"hide {words[0]}")
            terminal.expect("is masked")
            terminal.expect("review>")
        terminal.send("done")
        finals = terminal.expect("(yes/no)>")
        assert "outside  src/app.py" in finals
        assert re.search(r"day +2026-09-22, in UTC", finals)
        terminal.send("steps 0-1")
        assert "resync" in terminal.expect("(yes/no)>")
        terminal.send("diff 0")
        shown = terminal.expect("(yes/no)>")
        assert CLIENT not in shown
        assert ASIDE in shown
        terminal.send("yes")
        terminal.expect("without looking at them? (yes/no)>")
        terminal.send("y")
        sign(terminal, tmp_path / "store")
    (shared,) = shared_files(base)
    assert leaks_in_bytes(shared.read_bytes(), [CLIENT]) == []
    assert record_of(shared).time_resolution == "100ms"
    assert read_episode(shared.read_bytes()).header.captured_on == "2026-09-22"


def test_the_end_of_input_ends_a_review_without_a_keep(base: Path) -> None:
    with Terminal([*SIGNOFF, "review", "--terminal"], env=lines()) as terminal:
        terminal.expect("review>")
        terminal.send("\x04")
        assert terminal.end() == 0
    assert shared_files(base) == []


def test_saying_no_or_leaving_shares_nothing_and_leaves_no_record(base: Path) -> None:
    with Terminal([*SIGNOFF, "review", "--terminal"], env=lines()) as terminal:
        terminal.expect("review>")
        for line in (
            "include all",
            "cut file 0",
            "include 99",
            "frobnicate",
            "diff",
            "cut kind edit",
            "cut file 9",
            "undo",
        ):
            terminal.send(line)
            terminal.expect("review>")
        terminal.send("plan")
        plan = terminal.expect("review>")
        assert "cut: file" not in plan
        terminal.send("drop 99")
        terminal.expect("review>")
        terminal.send("done")
        terminal.expect("(yes/no)>")
        terminal.send("no")
        assert terminal.end() == 0
    assert shared_files(base) == []
    assert not list(base.parent.glob("*.plan.json"))
    assert not list((resolve_home().state / "reviews").glob("*.json"))


def test_a_dialogue_that_was_left_goes_on_and_ends_in_a_sign_off(
    base: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    store.mkdir()
    argv = [*SIGNOFF, "review", "--terminal"]
    with Terminal(argv, env=lines()) as terminal:
        terminal.expect("review>")
        terminal.send("include 0")
        terminal.expect("review>")
        terminal.send("done")
        terminal.expect("(yes/no)>")
        terminal.send("yes")
        terminal.expect("without looking at them? (yes/no)>")
        terminal.send("yes")
        terminal.expect("empty: not now>")
        terminal.send("")
        terminal.expect("not signed")
        assert terminal.end() == 0
    assert shared_files(base) == []
    with Terminal(argv, env=lines()) as terminal:
        assert "included: task 0" in terminal.expect("review>")
        terminal.send("done")
        terminal.expect("(yes/no)>")
        terminal.send("all")
        terminal.expect("(yes/no)>")
        terminal.send("yes")
        sign(terminal, store)
    (shared,) = shared_files(base)
    assert shared.with_suffix(".signoff.json").exists()


def test_without_a_terminal_a_review_is_refused_with_a_way_out(base: Path) -> None:
    done = signoff("review", str(base))
    assert done.returncode == 13
    assert "--plan" in done.stderr


def test_a_plan_file_is_followed_without_asking(base: Path, tmp_path: Path) -> None:
    path = write_plan(base, tmp_path, keeps=[{"task": 0}, {"task": 1}])
    done = signoff("review", "--plan", str(path), "--leave-open", "9", "--json")
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == 2
    for row in rows:
        data = Path(row["episode"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == row["sha256"]
        assert read_episode(data).header.origin == "shared"
        record = record_of(Path(row["episode"]))
        assert (record.mode, record.files_seen) == ("plan", 0)
        assert Path(row["episode"]).stat().st_mode & 0o777 == 0o600
    assert leaks_in_bytes(Path(rows[0]["episode"]).read_bytes(), [ASIDE]) == []


def test_the_last_episode_is_the_last_sealed_one_after_a_review_too(
    base: Path, tmp_path: Path
) -> None:
    path = write_plan(base, tmp_path, keeps=[{"task": 0}])
    assert signoff("review", "--plan", str(path), "--leave-open", "9").returncode == 0
    assert signoff("review", "last", "--plan", str(path), "--leave-open", "9").returncode == 0
    (shared,) = shared_files(base)
    done = signoff("review", str(shared), "--plan", str(path))
    assert done.returncode == 2
    assert "sealed episode" in done.stderr


def test_a_plan_file_with_notes_is_followed_or_refused_with_the_documented_code(
    base: Path, tmp_path: Path
) -> None:
    said = f"it was 😀🚀 the quoting, said {CLIENT}"
    path = write_plan(base, tmp_path, keeps=[{"task": 0}], notes=[{"after_seq": 3, "text": said}])
    done = signoff("review", "--plan", str(path), "--leave-open", "9", "--json")
    assert done.returncode == 0, done.stderr
    (shared,) = shared_files(base)
    (note,) = [s for s in read_episode(shared.read_bytes()).steps if isinstance(s, NoteStep)]
    assert (note.text, note.stated) == (said, "review")
    shown = signoff("show", str(shared), "--steps")
    assert "written afterwards: it was 😀🚀 the quoting" in shown.stdout
    for notes, code, words in (
        ([{"after_seq": 10**6, "text": "x"}], 2, "a note after step 1000000; the episode has"),
        ([{"after_seq": 9, "text": "x"}], 2, "a note after step 9, which the plan cuts"),
        ([{"after_seq": 3, "text": "x" * 10**6}], 11, "notes.0.text"),
        ([{"after_seq": 3, "text": "a\x1b[2Jb"}], 11, "notes.0.text"),
        ([{"after_seq": 3, "text": " "}], 11, "notes.0.text"),
        ([{"after_seq": 3, "text": "a"}, {"after_seq": 3, "text": "b"}], 11, "at most one"),
        ([{"after_seq": seq, "text": "a"} for seq in range(301)], 11, "notes"),
        ("x", 11, "notes"),
    ):
        cut = [{"from_seq": 9, "to_seq": 10}]
        path = write_plan(base, tmp_path, keeps=[{"task": 0}], notes=notes, cut_ranges=cut)
        refused = signoff("review", "--plan", str(path), "--leave-open", "9")
        assert refused.returncode == code, (words, refused.stderr)
        assert words in refused.stderr
        assert "x" * 50 not in refused.stderr
        assert "\x1b" not in refused.stderr
    assert shared_files(base) == [shared]


def test_a_plan_that_leaves_groups_undecided_is_refused_and_they_are_named(
    base: Path, tmp_path: Path
) -> None:
    path = write_plan(base, tmp_path, keeps=[{"task": 0}])
    refused = signoff("review", "--plan", str(path))
    assert refused.returncode == 13
    named = [line for line in refused.stderr.splitlines() if "left open:" in line]
    assert named
    assert f"leaves {len(named)} groups to check undecided" in refused.stderr
    assert shared_files(base) == []
    fewer = signoff("review", "--plan", str(path), "--leave-open", str(len(named) - 1))
    assert fewer.returncode == 13
    said = signoff("review", "--plan", str(path), "--leave-open", str(len(named)))
    assert said.returncode == 0, said.stderr
    assert len(shared_files(base)) == 1


def test_what_a_review_on_this_machine_settled_and_accepted_is_not_asked_of_its_plan_file(
    base: Path, tmp_path: Path
) -> None:
    reviewing = Reviewing(resolve_home().ensure(), open_base_file(base))
    plan = reviewing.store.load().plan.model_copy(update={"keeps": (TaskKeep(task=0),)})
    reviewing.change(0, plan)
    for group in reviewing.check(0).groups:
        if group.state is None and "accept" in group.actions:
            reviewing.decide(0, group.id, "accept")
    path = tmp_path / "plan.json"
    path.write_bytes(plan_bytes(reviewing.store.load().plan))
    done = signoff("review", "--plan", str(path))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, 2),
        ({"keeps": [{"task": 7}]}, 2),
        ({"keeps": [{"task": 0}], "cut_files": [44]}, 2),
        ({"keeps": [{"task": 0}], "mask_fields": [MISPLACED]}, 2),
        ({"keeps": [{"task": 0}], "surprise": 1}, 11),
        ({"keeps": [{"task": 0}], "with_base": True}, 11),
        ({"keeps": [{"task": 0}], "cut_kinds": ["edit"]}, 11),
        ({"keeps": [{"task": 0}], "base_sha256": "f" * 64}, 10),
        ({"keeps": [{"task": 0}], "plan_version": 2}, 11),
        ({"keeps": [{"task": 0}], "name_repository": {"url": "https://u:p@h/x"}}, 11),
    ],
)
def test_a_plan_that_cannot_be_followed_says_so(
    base: Path, tmp_path: Path, fields: dict[str, object], code: int
) -> None:
    path = write_plan(base, tmp_path, **fields)
    done = signoff("review", "--plan", str(path))
    assert done.returncode == code
    assert "error:" in done.stderr
    assert "hint:" in done.stderr
    assert "Traceback" not in done.stderr
    assert shared_files(base) == []


def test_a_plan_for_another_episode_is_refused(base: Path, tmp_path: Path) -> None:
    other = recorded()
    header = other.header.model_copy(update={"session": "session-1"})
    data = write_episode(replace(other, header=header))
    (base.parent / f"{hashlib.sha256(data).hexdigest()[:16]}.episode").write_bytes(data)
    path = write_plan(base, tmp_path, keeps=[{"task": 0}])
    done = signoff("review", hashlib.sha256(data).hexdigest()[:16], "--plan", str(path))
    assert done.returncode == 2
    assert "the plan is for episode" in done.stderr


@pytest.mark.parametrize("content", [b"", b"\0" * 64, b"not an episode", b"PK\x03\x04"])
def test_a_file_that_is_no_episode_is_said_to_be_damaged(
    base: Path, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "foreign.episode"
    path.write_bytes(content)
    plan = write_plan(base, tmp_path, keeps=[{"task": 0}])
    done = signoff("review", str(path), "--plan", str(plan))
    assert done.returncode == 11
    assert "Traceback" not in done.stderr
