"""`stop`, `list`, `discard`, `task`, `note`, and the forms of `forget`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.support.bridge import EMOJI, at, bridge, enable, wait_for_records
from tests.support.cli import signoff
from tests.support.deadline import wait_until

from signoff_collector.capture.journal.journal import RecordKind, read_journal
from signoff_collector.capture.sessions.sessions import list_sessions, sealed_as
from signoff_collector.commands.forget import pattern_for
from signoff_collector.commands.pause import parse_duration_ns
from signoff_collector.kept.episode_files import episode_paths
from signoff_collector.own_files.home import resolve_home
from signoff_schemas.errors import UsageError

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("compiled_engine")]


@pytest.fixture
def folder(home: Path, tmp_path: Path) -> Path:
    del home
    folder = (tmp_path / "work").resolve()
    folder.mkdir()
    (folder / "a.py").write_text(f"{EMOJI}\n")
    enable(folder)
    return folder


def rows(*arguments: str) -> list[dict[str, Any]]:
    said = signoff("list", "--json", *arguments)
    assert said.code == 0, said
    return [json.loads(line) for line in said.out.splitlines()]


def steps() -> list[dict[str, Any]]:
    return [
        dict(record.fields)
        for session in list_sessions(resolve_home())
        for path in session.journals
        for record in read_journal(path).records
        if record.kind == RecordKind.STEP and record.fields.get("kind") in ("task", "note")
    ]


def test_stop_ends_the_session_and_it_is_sealed(folder: Path) -> None:
    with bridge() as editor:
        editor.initialize()
        editor.open(folder / "a.py")
        wait_for_records(RecordKind.LSP, 1)
        said = signoff("stop", cwd=folder)
        assert said.code == 0, said
        (session,) = list_sessions(resolve_home())
        wait_until(lambda: sealed_as(session), "the background seal")
        assert editor.quit() == 0
    assert {row["kind"] for row in rows()} == {"session", "episode"}
    assert signoff("stop", cwd=folder).code == 10


def test_a_discarded_session_and_a_discarded_episode_are_gone(folder: Path) -> None:
    assert signoff("note", "words", cwd=folder).code == 0
    (session,) = list_sessions(resolve_home())
    assert signoff("seal", session.id, cwd=folder).code == 0
    episode = next(row for row in rows() if row["kind"] == "episode")
    said = signoff("discard", "--yes", episode["id"][:8])
    assert said.code == 0, said
    assert session.id in said.out
    assert not Path(episode["path"]).exists()
    said = signoff("discard", "--yes", session.id)
    assert said.code == 0, said
    assert rows() == []
    assert signoff("discard", "--yes", session.id).code == 10
    assert signoff("discard", "--yes", "abcd").code == 10


def test_a_damaged_episode_goes_too(folder: Path) -> None:
    for verb in ("discard", "forget", "forget --all"):
        assert signoff("note", "words", cwd=folder).code == 0
        assert signoff("seal", cwd=folder).code == 0
        (path,) = episode_paths(resolve_home())
        path.write_bytes(path.read_bytes()[:-9] + b"\0" * 9)
        named = [] if "--all" in verb else [path.stem]
        said = signoff(*verb.split(), *named, "--yes", cwd=folder)
        assert said.code == 0, said
        assert episode_paths(resolve_home()) == []


def test_a_live_session_is_ended_before_it_is_discarded(folder: Path) -> None:
    with bridge() as editor:
        editor.initialize()
        editor.open(folder / "a.py")
        wait_for_records(RecordKind.LSP, 1)
        (session,) = list_sessions(resolve_home())
        said = signoff("discard", "--yes", session.id)
        assert said.code == 0, said
        assert not session.folder.exists()
        assert editor.quit() == 0


def test_a_folder_that_is_no_session_can_be_discarded(folder: Path) -> None:
    rubbish = resolve_home().ensure().sessions / "20260101T000000Z-00000000"
    rubbish.mkdir()
    (rubbish / "session.json").write_text("[")
    assert rows()[0]["state"] == "damaged"
    assert signoff("discard", "--yes", rubbish.name, cwd=folder).code == 0
    assert not rubbish.exists()


def test_a_task_says_whether_it_came_before_the_first_edit(folder: Path) -> None:
    with bridge() as editor:
        editor.initialize()
        uri = editor.open(folder / "a.py")
        wait_for_records(RecordKind.LSP, 1)
        assert signoff("task", "mend", "the", f"parser {EMOJI}", cwd=folder).code == 0
        editor.change(uri, 2, at(0, 0, 0, 0, "x"))
        wait_for_records(RecordKind.LSP, 2)
        assert signoff("task", "and the cache", cwd=folder).code == 0
        assert signoff("note", "it was the cache", cwd=folder).code == 0
        assert editor.quit() == 0
    found = sorted(steps(), key=lambda step: step["t_boot_ns"])
    assert [(step["kind"], step["text"], step["stated"]) for step in found] == [
        ("task", f"mend the parser {EMOJI}", "before_first_edit"),
        ("task", "and the cache", "during"),
        ("note", "it was the cache", "live"),
    ]
    assert found[0]["origin"] == "person"
    assert signoff("seal", cwd=folder).code == 0
    shown = signoff("show", cwd=folder).out
    words = r"^saw      words( from [\d:]+)?: tasks and notes, as they"
    assert re.search(words, shown, re.MULTILINE)


def test_words_need_words_and_a_workspace(folder: Path, tmp_path: Path) -> None:
    assert signoff("task", "  ", cwd=folder).code == 2
    assert signoff("note", "x" * 10_001, cwd=folder).code == 2
    assert signoff("note", "x", cwd=tmp_path).code == 10


def test_words_that_no_file_can_hold_are_kept_without_what_is_wrong_in_them(folder: Path) -> None:
    half = "\udcff"  # a byte that is no UTF-8, as arguments arrive
    assert signoff("task", f"a{half}b {EMOJI}", cwd=folder).code == 0
    assert signoff("note", half, cwd=folder).code == 0
    assert {step["text"] for step in steps()} == {f"a?b {EMOJI}", "?"}


def test_where_nothing_is_enabled_a_pause_says_what_to_do(home: Path, tmp_path: Path) -> None:
    said = signoff("pause", cwd=tmp_path)
    assert (said.code, "hint: `signoff enable` records" in said.err) == (10, True)


@pytest.mark.parametrize(
    "arguments",
    [[], ["--last", "5"], ["--last", "0m"], ["--before", "soon"], ["--last", "5m", "--all"],
     ["--path", "!x"], ["--last", "5m", "--before", "2026-01-01"]],
    ids=" ".join,
)  # fmt: skip
def test_a_forget_that_cannot_be_meant_is_2_and_erases_nothing(
    folder: Path, arguments: list[str]
) -> None:
    assert signoff("note", "kept", cwd=folder).code == 0
    said = signoff("forget", "--yes", *arguments, cwd=folder)
    assert said.code == 2, said
    assert "hint:" in said.err
    assert [step["text"] for step in steps()] == ["kept"]


def test_forgetting_in_one_workspace_leaves_the_other(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    enable(other)
    assert signoff("note", "here", cwd=folder).code == 0
    assert signoff("note", "there", cwd=other).code == 0
    assert signoff("forget", "--yes", "--last", "1h", cwd=folder).code == 0
    assert [step["text"] for step in steps()] == ["there"]
    assert signoff("forget", "--yes", "live", cwd=other).code == 0
    assert steps() == []


def test_a_path_to_forget_means_itself_or_a_pattern(tmp_path: Path) -> None:
    root = tmp_path.resolve()
    (root / "sub" / "a[1].py").parent.mkdir()
    (root / "sub" / "a[1].py").write_text("x")
    assert pattern_for("a[1].py", root / "sub", root) == r"/sub/a\[1\].py"
    assert pattern_for(str(root / "gone.py"), root, root) == "/gone.py"
    assert pattern_for(".", root, root) == "/**"
    assert pattern_for("*.log", root, root) == "*.log"
    with pytest.raises(UsageError):
        pattern_for("/etc/hosts", root, root)


def test_durations_are_read_and_others_refused() -> None:
    assert parse_duration_ns("90s") == 90 * 10**9
    assert parse_duration_ns("2h") == 7200 * 10**9
    for text in ("", "5", "m", "-5m", "0m", "5 m", "1w", "\u0665m"):
        with pytest.raises(UsageError):
            parse_duration_ns(text)
