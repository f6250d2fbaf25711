"""The player in real terminals: its keys, sizes and colours, and every byte that it sends."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from tests.support.episodes import ASTRAL, sample_episode
from tests.support.player import hostile_episode
from tests.support.pseudo_terminal import Terminal
from tests.support.seal_sessions import make_session
from tests.support.tmux import Tmux

from signoff_collector.capture.journal.journal import RecordKind
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.system.clock import SystemClock

pytestmark = pytest.mark.slow

SIGNOFF = Path(sys.executable).with_name("signoff")
_CONTROL = re.compile(rb"\x1b\[[0-9;:?<>=$]*[A-Za-z]|\x1b\[[?0-9;]*\$p|\x1b[()][AB0]|\x1b[=>]")
"""What Textual itself sends: cursor, colours, modes."""


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    path = tmp_path / "sample.episode"
    path.write_bytes(write_episode(sample_episode()))
    return path


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    path = tmp_path / "hostile.episode"
    path.write_bytes(write_episode(hostile_episode()))
    return path


def play(path: object, *options: str) -> list[str]:
    return [str(SIGNOFF), "replay", str(path), *options]


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
def test_chapters_and_what_failed_are_seen_in_a_real_terminal(
    home: Path, tmp_path: Path, sample: Path, size: tuple[int, int]
) -> None:
    with Tmux(tmp_path, play(sample, "--from", "start"), term="screen", size=size) as window:
        window.wait_for("step 1/22", "1x")
        window.press("s")
        window.wait_for("still red: a", "step 11/22", "✗ a")
        window.press("End")
        window.wait_for("step 22/22", "✗ a")
        if size[0] >= 140:
            window.wait_for("steps", "saved       src/app.py", "from git")
        window.press("l")
        window.wait_for(" files, 3 chapters", "commit: all")
        window.press("q")
        window.wait_for("step 22/22")
        window.press("q")


@pytest.mark.parametrize(
    ("size", "term"), [((80, 24), "screen"), ((120, 40), "xterm-16color"), ((80, 24), "vt100")]
)
def test_a_person_plays_steps_jumps_searches_looks_and_leaves(
    home: Path, tmp_path: Path, sample: Path, size: tuple[int, int], term: str
) -> None:
    argv = play(sample, "--from", "start")
    with Tmux(tmp_path, argv, term=term, size=size) as window:
        window.wait_for("step 1/22", f"task fix it {ASTRAL}", "· 2001-09-09 ")
        window.press("Right")
        window.wait_for("opened src/app.py", "a = 1")
        window.press("t")
        window.wait_for("tests ✗ pytest: 1 failed, 1 passed", "step 11/22", "b = 2")
        window.press("o")
        window.wait_for("failed   t::a", "passed   t::b", "q back")
        window.press("q")
        window.wait_for("step 11/22")
        window.press("/")
        window.wait_for("search everything:", "tests ✗ pytest", "b = 2")
        window.write("ls -l")
        window.press("Enter")
        window.wait_for("'ls -l' 1 of 1", "ran ls -l")
        window.press("m")
        window.wait_for("go to (N")
        window.write("step:8")
        window.press("Enter")
        window.wait_for("step 9/22", "T typed")
        window.press("?")
        window.wait_for("keys and marks")
        window.press("Escape")
        window.wait_for("step 9/22")
        window.press("End")
        window.wait_for("step 22/22", "note done", "from git")
        window.press("Home")
        window.wait_for("step 0/22")
        window.press("Space")
        window.wait_for("step 22/22", "■ 0:00:02/0:00:02")
        window.resize(50, 12)
        window.wait_for("step 22/22", "from git")
        window.resize(100, 30)
        window.wait_for("step 22/22", "from git", "━━━")
        window.press("q")
        window.wait_for("ended with 0")
    assert not home.exists()


def test_a_session_that_goes_on_is_watched_as_it_grows(home: Path, tmp_path: Path) -> None:
    root = tmp_path / "work"
    session = make_session(root)
    clock = SystemClock()
    with session.join("editor", clock=clock) as writer:

        def record(version: int, text: str) -> None:
            fields = {
                "t_boot_ns": clock.boot_ns(), "uri": (root / "a.txt").as_uri(), "language": "text",
                "version": version, "text": text, "reason": "open", "while_paused": False,
            }  # fmt: skip
            writer.append_value(RecordKind.ANCHOR, fields)

        record(1, f"before {ASTRAL}")
        variables = {"SIGNOFF_HOME": str(home)}
        with Tmux(tmp_path, play("live"), cwd=root, variables=variables) as window:
            window.wait_for("● live, following", f"before {ASTRAL}")
            record(2, f"after {ASTRAL}")
            window.wait_for("● live, following", f"after {ASTRAL}")
            window.press("Home")
            window.wait_for("step 0/")
            window.press("q")
            window.wait_for("ended with 0")


def test_no_recorded_byte_is_an_order_to_the_terminal(
    home: Path, tmp_path: Path, hostile: Path
) -> None:
    with Terminal(play(hostile, "--from", "start"), cwd=tmp_path, size=(30, 200)) as terminal:
        terminal.wait_for(b"step 1/11")
        for number in range(2, 12):
            terminal.press(b"\x1b[C")
            terminal.wait_for(f"step {number}/11".encode())
        for keys, words in ((b"o", b"q back"), (b"d", b"problems at"), (b"l", b"Enter go there")):
            for place in (b"T", b"N", b"A", b"\x1b[F"):
                terminal.press(place)
                terminal.press(keys)
                look(terminal, words)
                terminal.press(b"\x1b[F")
                terminal.press(b"q")
                look(terminal, b"step ")
        terminal.press(b"q")
        assert terminal.end() == 0
        shown = terminal.shown
    assert not orders_in(shown)
    assert b"<U+202E>" in shown
    assert b"[red]" in shown
    assert ASTRAL.encode() in shown
    assert not home.exists()


def look(terminal: Terminal, words: bytes) -> None:
    """Wait until words are shown that may have been shown before."""
    before, terminal.shown = terminal.shown, b""
    terminal.wait_for(words)
    terminal.shown = before + terminal.shown


def orders_in(shown: bytes) -> list[str]:
    """Return what the recorded text would have ordered, and control bytes beyond Textual's own."""
    shown = shown.replace(b"\x1b]22;default\a", b"")  # Textual's own: the shape of the pointer
    orders = (
        "\x1b[913;914H", "\x1b[6n", "\x1b]", "\x1bP", "\x9b", "\u202e", "\u2066", "\u200b",
        "\u200d", "\ufeff", "\U000e0041", "\u2028", "\u00a0",
    )  # fmt: skip
    found = [ascii(order) for order in orders if order.encode() in shown]
    rest = _CONTROL.sub(b"", shown).decode("utf-8", "replace")
    return found + sorted({repr(char) for char in rest if ord(char) < 32 and char not in "\r\n\a"})


def test_without_colours_the_marks_say_it(home: Path, tmp_path: Path, sample: Path) -> None:
    del home
    argv = ["env", "NO_COLOR=1", *play(sample, "--from", "step:10")]
    with Terminal(argv, cwd=tmp_path) as terminal:
        terminal.wait_for("✗ pytest".encode())
        terminal.press(b"q")
        assert terminal.end() == 0
        shown = terminal.shown
    colours = re.findall(rb"\x1b\[((?:\d+;)*(?:3[0-7]|9[0-7]|4[0-7]|38;[\d;]+|48;[\d;]+))m", shown)
    assert not colours
    assert "✗".encode() in shown


@pytest.mark.parametrize("variables", [("TERM=dumb",), ("SIGNOFF_PLAIN=1",), ("TERM=",)])
def test_where_there_is_no_screen_the_story_is_told_by_lines(
    home: Path, tmp_path: Path, sample: Path, variables: tuple[str, ...]
) -> None:
    del home
    argv = ["env", *variables, *play(sample, "--speed", "1000")]
    with Terminal(argv, cwd=tmp_path) as terminal:
        assert terminal.end() == 0
        assert b"typed       src/app.py:3 +7 -1" in terminal.shown
        assert b"\x1b[?1049h" not in terminal.shown


def test_settings_of_textual_in_the_environment_do_nothing(
    home: Path, tmp_path: Path, sample: Path
) -> None:
    del home
    log = tmp_path / "textual.log"
    argv = ["env", f"TEXTUAL_LOG={log}", "TEXTUAL_PRESS=q", "TEXTUAL_DRIVER=decoy:Driver"]
    with Terminal([*argv, *play(sample, "--from", "end")], cwd=tmp_path) as terminal:
        terminal.wait_for(b"step 22/22")
        assert terminal.process.poll() is None
        terminal.press(b"q")
        assert terminal.end() == 0
    assert not log.exists()
