"""Real Neovims on one file, one after the other and at once: what `restore` says of each save."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.support.bridge import records, saves
from tests.support.deadline import wait_until
from tests.support.quits import is_watched, points, text_at, typed, work_tree
from tests.support.tmux import Tmux, neovim_window

from signoff_collector.capture.journal.journal import RecordKind

pytestmark = pytest.mark.editors


@contextmanager
def _neovim(place: Path, workspace: Path) -> Iterator[Tmux]:
    opened = _told("didOpen")
    with neovim_window(place, workspace, settings="vim.opt.swapfile = false") as window:
        wait_until(lambda: _told("didOpen") > opened, "the bridge to be told of the file")
        wait_until(is_watched, "the watcher to look")
        yield window


def _told(what: str) -> int:
    return sum(
        isinstance(record.body, list) and record.body[1] == f"textDocument/{what}"
        for record in records(RecordKind.LSP, is_final=False)
    )


def _type(window: Tmux, word: str) -> None:
    window.write(f"o{word}")
    window.press("Escape")
    wait_until(lambda: word in typed(), "the bridge to have what was typed")


def _write(window: Tmux, keys: str) -> None:
    before = len(saves())
    window.write(keys)
    window.press("Enter")
    wait_until(lambda: len(saves()) > before, "the bridge to be told of the save")


def test_one_editor_after_the_other_writes_over_nothing(tmp_path: Path, home: Path) -> None:
    del home
    workspace = work_tree(tmp_path)
    for number, word in enumerate(("sierra", "tango"), 1):
        with _neovim(tmp_path / word, workspace) as window:
            _type(window, word)
            _write(window, ":wq")
            wait_until(lambda n=number: _told("didClose") >= n, "the file to be closed")
    assert (workspace / "notes.txt").read_text() == "first\ntango\nsierra\n"
    assert "another editor" not in " ".join(str(one["why"]) for one in points(workspace))


def test_what_one_editor_saved_and_the_other_wrote_over_is_listed(
    tmp_path: Path, home: Path
) -> None:
    del home
    workspace = work_tree(tmp_path)
    with (
        _neovim(tmp_path / "a", workspace) as one,
        _neovim(tmp_path / "b", workspace) as other,
    ):
        _type(one, "sierra")
        _type(other, "tango")
        _write(one, ":w")
        _write(other, ":w!")
        assert (workspace / "notes.txt").read_text() == "first\ntango\n"
        (lost,) = [
            row for row in points(workspace) if row["why"] == "before another editor wrote over it"
        ]
        assert lost["disk"] is True
        assert text_at(workspace, lost["at"], tmp_path / "old", "--disk") == "first\nsierra\n"
