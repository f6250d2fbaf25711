"""One session with everything that is hard for an editor's recorder, sealed and checked."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.support.bridge import EMOJI, enable, folded, records, saves, wait_for_records
from tests.support.deadline import deadline, wait_until
from tests.support.editors import Neovim, is_gone, neovim

from signoff_collector.capture.journal.journal import RecordKind
from signoff_collector.text.positions import Encoding

pytestmark = pytest.mark.editors

SIGNOFF = Path(__file__).resolve().parents[2] / ".venv" / "bin" / "signoff"
FILES = {
    "lf.txt": b"one\ntwo\nthree\n",
    "crlf.txt": b"one\r\ntwo\r\nthree\r\n",
    "bom.txt": b"\xef\xbb\xbfone\ntwo\n",
    "no-final-newline.txt": b"one\ntwo",
    "form-feed.txt": b"one\n\x0ctwo\x0b\nthree\n",
    "u2028.txt": "one\u2028two\u0085\nthree\nfour\n".encode(),
}

LARGE = b"".join(
    b"%07d %016x value_%d = compute(%d)  # line\n"
    % (number, number * 0x9E3779B97F4A7C15 % (1 << 64), number % 977, number * 7919)
    for number in range(80_000)
)
"""5 MB."""


def work(editor: Neovim, file: Path, *, is_hasty: bool = False) -> None:
    """Edit a file in many ways and save it twice; in haste nothing waits for the first save."""
    editor.edit(file)
    for keys in (
        f"ggOtop {EMOJI}<CR>{EMOJI}x<Esc>",
        f"A{EMOJI}<Esc>u<C-r>x",
        f"gg0<C-v>jI{EMOJI}<Esc>",
        "2u<C-r>",
        "yyp",
        ":2s/$/ sub/<CR>",
        "gg=j",
    ):
        editor.press(keys)
    editor.call("nvim_paste", f"pasted {EMOJI}\nmore\n", True, -1)
    saved = len(records(RecordKind.SAVE))
    editor.command("write")
    if not is_hasty:
        wait_for_records(RecordKind.SAVE, saved + 1)
    editor.press(f"Go{EMOJI}end<Esc>")
    editor.command("write")
    wait_for_records(RecordKind.SAVE, saved + 2)


def write(editor: Neovim) -> None:
    """Save and wait until that is on record."""
    before = len(records(RecordKind.SAVE))
    editor.command("write")
    wait_for_records(RecordKind.SAVE, before + 1)


@contextmanager
def held_up(process: int, seed: int) -> Iterator[None]:
    """Stop a process again and again, up to half a second each time, as a busy machine does."""
    over, draws = threading.Event(), random.Random(seed)  # noqa: S311

    def hold() -> None:
        while not over.wait(draws.random() * 0.4):
            os.kill(process, signal.SIGSTOP)
            over.wait(draws.random() * 0.5)
            os.kill(process, signal.SIGCONT)

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(deadline())


def kill(editor: Neovim) -> None:
    """End an editor as a crash does, and wait until its bridge is gone too."""
    bridge = editor.bridge_pid()
    os.kill(editor.process.pid, signal.SIGKILL)
    editor.process.wait(deadline())
    wait_until(lambda: is_gone(bridge), "the bridge to end with its editor")


def sealed(workspace: Path) -> dict[str, int]:
    """Seal the session and return what `check` counts in it."""
    run(workspace, "seal", "--json")
    report = json.loads(run(workspace, "check", "--json"))
    return {name: report[name] for name in ("checkpoints", "matched", "resyncs", "blind_spans")}


def change_outside(editor: Neovim, file: Path) -> None:
    """Let something else write the file that is open, and take it over."""
    editor.command(f"edit {file}")
    file.write_text(f"from outside {EMOJI}\nsecond\n")
    os.utime(file, (1, 1))
    editor.command("checktime")
    wait_until(lambda: editor.text().startswith("from outside"), "the reload")
    editor.press(f"A{EMOJI}2<Esc>")
    write(editor)
    editor.settle()


def run(workspace: Path, *words: str) -> str:
    done = subprocess.run(
        [SIGNOFF, *words], cwd=workspace, capture_output=True, timeout=deadline() * 2, check=False
    )
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    return done.stdout.decode().strip().split("\n")[-1]


def test_a_session_of_everything_is_exact(tmp_path: Path, home: Path) -> None:
    workspace = tmp_path / "project"
    workspace.mkdir()
    enable(workspace)
    large = workspace / "large.txt"
    large.write_bytes(LARGE)
    with neovim(workspace, options="vim.o.fixendofline = false; vim.o.autoread = true") as editor:
        for name, content in FILES.items():
            (workspace / name).write_bytes(content)
            work(editor, workspace / name)
        work(editor, large, is_hasty=True)
        change_outside(editor, workspace / "lf.txt")
        editor.press(f"ounsaved {EMOJI}<Esc>")
        editor.settle()
        kill(editor)
    odd = [save for save in saves() if save["matches"] is False]
    assert odd == []
    assert folded(large.as_uri(), Encoding.UTF16) == large.read_text()
    report = sealed(workspace)
    print(report)  # noqa: T201
    assert report["resyncs"] == 0
    assert report["checkpoints"] == report["matched"] >= 2 * len(FILES) + 1


@pytest.mark.parametrize("known", [1001, None], ids=["a known seed", "a fresh seed"])
def test_no_save_is_lost_while_the_bridge_is_held_up(
    tmp_path: Path, home: Path, known: int | None
) -> None:
    """It may even read a file for the first time behind both of its saves."""
    seed = known or random.SystemRandom().randrange(1 << 32)
    print("seed", seed)  # noqa: T201
    workspace = tmp_path / "project"
    workspace.mkdir()
    enable(workspace)
    files = FILES | {"first.txt": b"first\n", "large.txt": LARGE[:200_000]}
    for name, content in files.items():
        (workspace / name).write_bytes(content)
    with neovim(workspace, options="vim.o.fixendofline = false") as editor:
        editor.edit(workspace / "first.txt")
        names = [*FILES, "large.txt", "large.txt"]
        with held_up(editor.bridge_pid(), seed):
            for name in names:
                work(editor, workspace / name, is_hasty=True)
        editor.settle()
        assert len(saves()) == 2 * len(names)
        assert [save for save in saves() if save["matches"] is False] == []
        kill(editor)
    large = workspace / "large.txt"
    assert folded(large.as_uri(), Encoding.UTF16) == large.read_text()
    report = sealed(workspace)
    print(report)  # noqa: T201
    assert report["resyncs"] == 0
    assert report["checkpoints"] == report["matched"] >= len(names)
