"""A real Neovim in a terminal, quit in every way; then a script writes what it had open."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from signoff_collector.capture.journal import RecordKind, read_journal
from support_bridge import EMOJI, closes, enable, journals, records, sessions, wait_for_records
from support_cli import signoff
from support_deadline import wait_until
from support_editors import COMPANION, LAUNCHER, is_gone, need, neovim_program
from support_repository import WorkTree
from support_tmux import Tmux

pytestmark = pytest.mark.editors

WORDS = f"v1 mine {EMOJI}"


@pytest.fixture
def workspace(tmp_path: Path, home: Path) -> Path:
    folder = tmp_path / "project"
    tree = WorkTree.create(folder)
    tree.commit("first", text="first\n")
    enable(folder)
    return folder


@pytest.fixture
def editor(tmp_path: Path, workspace: Path) -> Iterator[Tmux]:
    """Start a Neovim on the file, in a window of its own beside one that stays."""
    program = need(neovim_program(), "Neovim 0.10 or newer")
    command = ", ".join(f"'{word}'" for word in LAUNCHER)
    settings = tmp_path / "init.lua"
    settings.write_text(
        f"vim.opt.runtimepath:append('{COMPANION}')\n"
        f"require('signoff').setup({{ cmd = {{ {command} }} }})\n"
    )
    folders = {f"XDG_{name}_HOME": str(tmp_path / name) for name in ("CONFIG", "DATA", "STATE")}
    argv = [program, "--clean", "-u", str(settings), "notes.txt"]
    with Tmux(tmp_path, argv, cwd=workspace, variables=folders) as window:
        window._call("new-window", "-d", "cat")
        wait_for_records(RecordKind.LSP, 1)
        wait_until(_is_watched, "the watcher to look")
        window.write(f"cc{WORDS}")
        window.press("Escape")
        wait_until(lambda: EMOJI in _typed(), "the bridge to have what was typed")
        yield window


def _is_watched() -> bool:
    return any(one.name.startswith("files-") for one in sessions()[0].journals)


def _told() -> int:
    """Return how often the watcher told of changes."""
    found = (record for path in sessions()[0].journals for record in read_journal(path).records)
    return sum(record.kind == RecordKind.FILES for record in found)


def _typed() -> str:
    changes = [
        json.loads(record.body[2])["contentChanges"]
        for record in records(RecordKind.LSP, is_final=False)
        if isinstance(record.body, list) and record.body[1] == "textDocument/didChange"
    ]
    return "".join(change["text"] for message in changes for change in message)


def _editor_pid() -> int:
    (journal,) = [one for one in journals(sessions()[0]) if one.name.startswith("lsp-")]
    header = read_journal(journal).header
    assert header is not None
    pid = header.fields["editor_pid"]
    assert isinstance(pid, int)
    return pid


def _line(keys: str) -> Callable[[Tmux], None]:
    def enter(window: Tmux) -> None:
        for line in keys.split("\n"):
            window.write(line)
            window.press("Enter")

    return enter


def _keys(keys: str) -> Callable[[Tmux], None]:
    return lambda window: window.write(keys)


def _close_terminal(window: Tmux) -> None:
    window._call("kill-window", "-t", ":0")


def _kill(_: Tmux) -> None:
    os.kill(_editor_pid(), signal.SIGKILL)


SAVED: dict[str, Callable[[Tmux], None]] = {
    ":wq": _line(":wq"),
    "ZZ": _keys("ZZ"),
    ":w, :qa": _line(":w\n:qa"),
}
UNSAVED: dict[str, tuple[Callable[[Tmux], None], str]] = {
    ":q!": (_line(":q!"), "ended"),
    "ZQ": (_keys("ZQ"), "ended"),
    ":cq": (_line(":cq"), "ended"),
    "terminal closed": (_close_terminal, "ended"),  # Neovim still says `shutdown` and `exit`
    "kill -9": (_kill, "lost"),
}


def _quit(editor: Tmux, way: Callable[[Tmux], None]) -> None:
    pid = _editor_pid()
    way(editor)
    wait_until(lambda: is_gone(pid), "Neovim to end")
    wait_until(lambda: "notes.txt" in closes(), "the bridge to close what was open")


def _script_writes(file: Path, text: str) -> None:
    """Write a file as a script does, and wait until the watcher has told of it."""
    before = _told()
    file.write_text(text)
    wait_until(lambda: _told() > before, "the watcher to tell of it")


def _points(folder: Path) -> list[dict[str, object]]:
    said = signoff("restore", "notes.txt", "--all", "--json", cwd=folder)
    return [json.loads(line) for line in said.out.splitlines()]


def _text_at(folder: Path, at: object, target: Path) -> str:
    target.unlink(missing_ok=True)
    said = signoff("restore", "notes.txt", "--at", at, "--to", target, cwd=folder)
    assert said.code == 0, said
    return target.read_text()


def _hits(folder: Path, *words: str) -> list[bool]:
    """Return of each hit in the file whether it was deleted."""
    said = signoff("find", *words, "--json", cwd=folder)
    rows = [json.loads(line) for line in said.out.splitlines()]
    return [row["deleted"] for row in rows if row["path"] == "notes.txt"]


def _unsaved(folder: Path) -> list[str]:
    said = signoff("today", "--json", "--since", "1d", cwd=folder)
    rows = [json.loads(line) for line in said.out.splitlines()]
    return [one["path"] for row in rows for one in row["unsaved"]]


@pytest.mark.parametrize("way", SAVED)
def test_a_saved_file_whose_editor_was_quit_hides_nothing(
    editor: Tmux, workspace: Path, tmp_path: Path, way: str
) -> None:
    file = workspace / "notes.txt"
    _quit(editor, SAVED[way])
    assert closes() == {"notes.txt": "ended"}
    _script_writes(file, "v2 quokka\n")
    assert _hits(workspace, "quokka") == [False]
    _script_writes(file, "v3 wombat\n")
    assert _hits(workspace, "wombat") == [False]
    assert _hits(workspace, "quokka", "--deleted") == [True]
    assert _hits(workspace, "v1 mine") == [True]
    texts = {_text_at(workspace, one["at"], tmp_path / "old") for one in _points(workspace)}
    assert {"v2 quokka\n", "v3 wombat\n", f"{WORDS}\n"} <= texts
    assert _unsaved(workspace) == []


@pytest.mark.parametrize("way", UNSAVED)
def test_what_was_not_saved_is_had_back_and_hides_nothing(
    editor: Tmux, workspace: Path, tmp_path: Path, way: str
) -> None:
    leave, reason = UNSAVED[way]
    _quit(editor, leave)
    assert closes() == {"notes.txt": reason}
    assert _unsaved(workspace) == ["notes.txt"] * (reason == "lost")
    _script_writes(workspace / "notes.txt", "v2 quokka\n")
    assert _hits(workspace, "quokka") == [False]
    assert _hits(workspace, "v1 mine", "--deleted") == [True]
    (own,) = [
        one for one in _points(workspace)
        if _text_at(workspace, one["at"], tmp_path / "old") == f"{WORDS}\n"
    ]  # fmt: skip
    expected = {
        "ended": "before the editor was quit without saving",
        "lost": "before the editor was lost",
    }
    assert own["why"] == expected[reason]
