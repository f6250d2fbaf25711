"""A real Neovim with the companion: what is typed in it comes back from the journal."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest
from tests.support.bridge import (
    EMOJI,
    anchors,
    enable,
    folded,
    lsp_records,
    records,
    saves,
    sessions,
    wait_for_records,
)
from tests.support.deadline import deadline, wait_until
from tests.support.editors import is_gone, neovim

from signoff_collector.capture.journal.journal import Record, RecordKind
from signoff_collector.text.positions import Encoding

pytestmark = pytest.mark.editors


@pytest.fixture
def workspace(tmp_path: Path, home: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    enable(folder)
    return folder


def replayed(file: Path) -> str | None:
    return folded(file.as_uri(), Encoding.UTF16, sorted(records(), key=time_of))


def time_of(record: Record) -> int:
    """Return the boot time of a record; several bridges write a journal each."""
    first = record.body[0] if isinstance(record.body, list) else record.fields.get("t_boot_ns", 0)
    assert isinstance(first, int)
    return first


@pytest.mark.parametrize(
    "raw",
    [
        b"one\ntwo\nthree\n",
        b"one\r\ntwo\r\nthree\r\n",
        b"\xef\xbb\xbfone\ntwo\nthree\n",
        b"one\ntwo\nthree",
        b"one\n\x0ctwo\x0b\nthree\n",
        "one\u2028two\u0085\nthree\nfour\n".encode(),
        "a = '\xe9'\ntwo\nthree\n".encode("latin-1"),
        b"one\rtwo\nthree\nfour\n",
        b"",
    ],
    ids=["lf", "crlf", "bom", "no-final-newline", "form-feed", "u2028", "latin-1", "cr", "empty"],
)
def test_every_kind_of_file_is_replayed_to_its_bytes(workspace: Path, raw: bytes) -> None:
    file = workspace / "a.txt"
    file.write_bytes(raw)
    encoding = "latin-1" if b"\xe9" in raw and b"\xc2" not in raw else "utf-8"
    typed = "\xe8" if encoding == "latin-1" else EMOJI
    with neovim(workspace, options="vim.o.fixendofline = false") as editor:
        editor.edit(file)
        editor.press(f"GA{typed}x<Esc>")
        editor.press(f"ggOtop{typed}<CR>{typed}<Esc>")
        editor.press(f"jxGo{typed}<Esc>")
        editor.command("write")
        editor.settle()
        shown = editor.text()
        editor.quit()
    assert [save["matches"] for save in saves()] == [True]
    text = replayed(file)
    assert text is not None
    disk = file.read_bytes().removeprefix(b"\xef\xbb\xbf").decode(encoding)
    assert text.removesuffix("\n") == disk.removesuffix("\n")
    assert text.replace("\r\n", "\n").removesuffix("\n") == shown


def test_undo_redo_block_edits_and_formatting_are_replayed(workspace: Path) -> None:
    file = workspace / "a.txt"
    file.write_text("".join(f"line {number} of it\n" for number in range(20)))
    with neovim(workspace) as editor:
        editor.edit(file)
        for keys in (
            f"A{EMOJI}<Esc>",
            "u",
            "<C-r>",
            f"gg0<C-v>5jI{EMOJI}<Esc>",
            "jw<C-v>3je<Del>",
            "3u2<C-r>",
            "gg>GVG=",
            ":%s/of/OF/g<CR>",
            ":5,9m0<CR>",
            "ggVGJ",
            "u",
            ":set tw=30<CR>gggqG",
            ":%!sort -r<CR>",
            ":g/OF/normal A!<CR>",
        ):
            editor.press(keys)
        editor.command("write")
        editor.settle()
        editor.quit()
    assert replayed(file) == file.read_text()
    assert [save["matches"] for save in saves()] == [True]


def test_a_large_file_is_replayed(workspace: Path) -> None:
    file = workspace / "large.txt"
    file.write_text("".join(f"{number:07} {'x' * 90}\n" for number in range(52_000)))
    with neovim(workspace) as editor:
        editor.edit(file)
        editor.press(f"40000Giab{EMOJI}<Esc>Gdd")
        editor.command("write")
        editor.settle()
        editor.quit()
    assert replayed(file) == file.read_text()
    assert len(lsp_records("textDocument/didOpen")) == 1


def test_a_change_on_disk_is_taken_over_when_the_editor_reloads(workspace: Path) -> None:
    file = workspace / "a.txt"
    file.write_text("one\n")
    with neovim(workspace, options="vim.o.autoread = true") as editor:
        editor.edit(file)
        editor.press(f"A{EMOJI}<Esc>")
        editor.command("write")
        editor.settle()
        wait_for_records(RecordKind.SAVE, 1)
        file.write_text("from outside\n")
        os.utime(file, (1, 1))
        editor.command("checktime")
        wait_until(lambda: editor.text() == "from outside", "the reload")
        editor.press(f"A{EMOJI}2<Esc>")
        editor.command("write")
        editor.settle()
        editor.quit()
    assert replayed(file) == file.read_text() == f"from outside{EMOJI}2\n"
    assert [save["matches"] for save in saves()] == [True, True]


def test_a_killed_editor_leaves_what_was_typed_and_no_bridge(workspace: Path) -> None:
    file = workspace / "a.txt"
    file.write_text("one\n")
    with neovim(workspace) as editor:
        editor.edit(file)
        editor.press(f"A{EMOJI}<Esc>")
        editor.settle()
        bridge = editor.bridge_pid()
        os.kill(editor.process.pid, signal.SIGKILL)
        editor.process.wait(deadline())
        wait_until(lambda: is_gone(bridge), "the bridge to end with its editor")
    assert replayed(file) == f"one{EMOJI}\n"
    assert not list(sessions()[0].folder.glob("bridge-*.json"))


def test_a_killed_bridge_is_started_again_once_and_never_disturbs_the_editor(
    workspace: Path,
) -> None:
    file = workspace / "a.txt"
    file.write_text("one\n")
    attached = "return require('signoff').is_attached(0)"
    with neovim(workspace) as editor:
        editor.edit(file)
        editor.press("Ax<Esc>")
        editor.settle()
        wait_for_records(RecordKind.LSP, 2)
        for is_last in (False, True):
            bridge = editor.bridge_pid()
            os.kill(bridge, signal.SIGKILL)
            wait_until(lambda bridge=bridge: is_gone(bridge), "the end of the bridge")
            wait_until(lambda: not editor.lua(attached), "the editor to see it")
            editor.press(f"A{EMOJI}<Esc>")
            if not is_last:
                wait_until(lambda: editor.lua(attached), "the bridge to be there again")
                editor.press("A2<Esc>")
                editor.command("write")
                editor.settle()
                whole = f"onex{EMOJI}2\n"  # the new bridge keeps it back until it has joined
                wait_until(lambda whole=whole: replayed(file) == whole, "all of it in journals")
                assert file.read_text() == whole
        editor.command("write")
        assert editor.lua("return require('signoff').status()") == "▲ signoff ended"
    assert file.read_text() == f"onex{EMOJI}2{EMOJI}\n"
    assert replayed(file) == f"onex{EMOJI}2\n"


def test_every_file_type_is_attached_and_other_buffers_are_not(workspace: Path) -> None:
    names = ["a.py", "b.md", "Makefile", "c.unheard-of", "no_extension"]
    with neovim(workspace) as editor:
        for name in names:
            (workspace / name).write_text("x\n")
            editor.edit(workspace / name)
        editor.command("help")
        editor.command("enew")
        editor.settle()
        editor.quit()
    opened = {
        params["textDocument"]["uri"].rpartition("/")[2]
        for _, params in lsp_records("textDocument/didOpen")
    }
    assert opened == set(names)


def test_pausing_from_the_editor_keeps_what_follows_out(workspace: Path) -> None:
    file = workspace / "a.txt"
    file.write_text("one\n")
    with neovim(workspace) as editor:
        editor.edit(file)
        editor.press("Abefore<Esc>")
        editor.command("Signoff pause")
        wait_until(lambda: editor.lua("return vim.g.signoff_state") == "paused", "the pause")
        editor.press(f"Ahidden{EMOJI}<Esc>")
        editor.command("Signoff resume")
        wait_until(lambda: editor.lua("return vim.g.signoff_state") == "recording", "going on")
        editor.press("Aafter<Esc>")
        editor.command("Signoff note looks good")
        editor.command("write")
        editor.settle()
        editor.quit()
    typed = "".join(
        change["text"]
        for _, params in lsp_records("textDocument/didChange")
        for change in params["contentChanges"]
    )
    assert typed == "beforeafter"
    assert anchors()[-1]["while_paused"] is True
    assert replayed(file) == file.read_text()
    assert [record.fields["text"] for record in records(RecordKind.STEP)] == ["looks good"]


def test_the_sealed_session_replays_without_a_resync(workspace: Path) -> None:
    """From keys in a real editor to an episode that `signoff check` finds exact."""
    file = workspace / "a.py"
    file.write_text("def f():\n    return 1\n")
    with neovim(workspace) as editor:
        editor.edit(file)
        editor.press(f"GA  # {EMOJI}<Esc>")
        editor.command("write")
        editor.press("ggOimport os<CR><Esc>uu<C-r>")
        editor.press(":%s/return 1/return 22/<CR>")
        editor.command("write")
        editor.settle()
        editor.quit()
    signoff = Path(__file__).resolve().parents[2] / ".venv" / "bin" / "signoff"
    done = subprocess.run(
        [signoff, "seal", "--json"],
        cwd=workspace,
        capture_output=True,
        timeout=deadline() * 2,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    checked = subprocess.run(
        [signoff, "check", "--json"],
        cwd=workspace,
        capture_output=True,
        timeout=deadline() * 2,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout.decode() + checked.stderr.decode()
    import json

    report = json.loads(checked.stdout.decode().strip().split("\n")[-1])
    assert report["resyncs"] == 0
    assert report["checkpoints"] == report["matched"] >= 2
