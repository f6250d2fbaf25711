"""What a person is told of a file whose editor was quit, and a script that writes it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.bridge import EMOJI, enable, journals, records, sessions
from tests.support.cli import signoff
from tests.support.deadline import wait_until
from tests.support.repository import WorkTree

from signoff_collector.capture.journal.journal import RecordKind, read_journal

WORDS = f"v1 mine {EMOJI}"


def work_tree(place: Path) -> Path:
    """Make a repository with a file, `notes.txt`, that is recorded."""
    folder = place / "project"
    WorkTree.create(folder).commit("first", text="first\n")
    enable(folder)
    return folder


def typed() -> str:
    """Return all that was put into documents so far."""
    changes = [
        json.loads(record.body[2])["contentChanges"]
        for record in records(RecordKind.LSP, is_final=False)
        if isinstance(record.body, list) and record.body[1] == "textDocument/didChange"
    ]
    return "".join(change["text"] for message in changes for change in message)


def editor_pid() -> int:
    """Return the process id of the editor, as it told its bridge."""
    (journal,) = [one for one in journals(sessions()[0]) if one.name.startswith("lsp-")]
    header = read_journal(journal).header
    assert header is not None
    pid = header.fields["editor_pid"]
    assert isinstance(pid, int)
    return pid


def is_watched() -> bool:
    """Say whether the file watcher writes."""
    return any(one.name.startswith("files-") for one in sessions()[0].journals)


def told() -> int:
    """Return how often the watcher told of changes."""
    found = (record for path in sessions()[0].journals for record in read_journal(path).records)
    return sum(record.kind == RecordKind.FILES for record in found)


def script_writes(file: Path, text: str) -> None:
    """Write a file as a script does, and wait until the watcher has told of it."""
    before = told()
    file.write_text(text)
    wait_until(lambda: told() > before, "the watcher to tell of it")


def points(folder: Path) -> list[dict[str, object]]:
    """Return what `restore` lists of the file."""
    said = signoff("restore", "notes.txt", "--all", "--json", cwd=folder)
    return [json.loads(line) for line in said.out.splitlines()]


def text_at(folder: Path, at: object, target: Path, *more: str) -> str:
    """Return the file as `restore` puts it back from a moment."""
    target.unlink(missing_ok=True)
    said = signoff("restore", "notes.txt", "--at", at, *more, "--to", target, cwd=folder)
    assert said.code == 0, said
    return target.read_text()


def hits(folder: Path, *words: str) -> list[bool]:
    """Return of each hit in the file whether it was deleted."""
    said = signoff("find", *words, "--json", cwd=folder)
    rows = [json.loads(line) for line in said.out.splitlines()]
    return [row["deleted"] for row in rows if row["path"] == "notes.txt"]


def unsaved(folder: Path) -> list[str]:
    """Return the paths of which `today` says that a text was not saved."""
    said = signoff("today", "--json", "--since", "1d", cwd=folder)
    rows = [json.loads(line) for line in said.out.splitlines()]
    return [one["path"] for row in rows for one in row["unsaved"]]


def check_saved(folder: Path, spare: Path) -> None:
    """Write the file twice as a script does; nothing may hide that, and nothing is unsaved."""
    file = folder / "notes.txt"
    script_writes(file, "v2 quokka\n")
    assert hits(folder, "quokka") == [False]
    script_writes(file, "v3 wombat\n")
    assert hits(folder, "wombat") == [False]
    assert hits(folder, "quokka", "--deleted") == [True]
    assert hits(folder, "v1 mine") == [True]
    texts = {text_at(folder, one["at"], spare) for one in points(folder)}
    assert {"v2 quokka\n", "v3 wombat\n", f"{WORDS}\n"} <= texts
    assert unsaved(folder) == []


def check_unsaved(folder: Path, reason: str, spare: Path) -> None:
    """Write the file as a script does: that is the file, and what was not saved is had back."""
    assert unsaved(folder) == ["notes.txt"] * (reason == "lost")
    script_writes(folder / "notes.txt", "v2 quokka\n")
    assert hits(folder, "quokka") == [False]
    assert hits(folder, "v1 mine", "--deleted") == [True]
    (own,) = [one for one in points(folder) if text_at(folder, one["at"], spare) == f"{WORDS}\n"]
    expected = {
        "ended": "before the editor was quit without saving",
        "lost": "before the editor was lost",
    }
    assert own["why"] == expected[reason]
