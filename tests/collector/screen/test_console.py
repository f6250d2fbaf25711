"""What is printed cannot act on a terminal, and JSON is plain ASCII."""

from __future__ import annotations

import ast
import io
import json
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.cli import signoff
from tests.support.deadline import wait_until

from signoff_collector.screen.console import Console, visible
from signoff_collector.screen.progress_line import ProgressLine, seconds_left

COLLECTOR = Path(__file__).resolve().parents[1] / "collector"
FORGED = "a\nerror: forged\x1b[2J\u202e 🎈🎉"


def test_what_would_act_on_a_terminal_is_spelled_out() -> None:
    hostile = "\x1b]0;title\x07 \x1b[8mhidden\r\u202eevil\u200b\U000e0041 \x9b31m"
    shown = visible(hostile)
    assert all(unicodedata.category(char) not in {"Cc", "Cf"} for char in shown)
    assert "<U+202E>" in shown
    assert "␛" in shown


def test_letters_emoji_and_line_breaks_stay_as_they_are() -> None:
    assert visible("ä🎈🎉\n\tx") == "ä🎈🎉\n\tx"
    assert visible("a\nb", keep_newlines=False) == "a␊b"


@given(st.text())
def test_nothing_printed_holds_a_control_or_format_character(text: str) -> None:
    shown = visible(text)
    assert all(
        char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cf", "Cs"} for char in shown
    )


class FakeTerminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_style_shows_on_a_terminal_only_and_changes_no_letter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    hostile = "[red]x[/red] 🎈🎉 \x1b[8m " + "long " * 60
    for is_terminal, no_color in ((True, False), (True, True), (False, False)):
        if no_color:
            monkeypatch.setenv("NO_COLOR", "1")
        else:
            monkeypatch.delenv("NO_COLOR", raising=False)
        out = FakeTerminal() if is_terminal else io.StringIO()
        Console(is_json=False, out=out, err=io.StringIO()).say(hostile, style="bold red")
        plain = re.sub(r"\x1b\[[0-9;]*m", "", out.getvalue())
        assert plain == visible(hostile) + "\n"
        assert ("\x1b[" in out.getvalue()) is (is_terminal and not no_color)


@pytest.mark.parametrize("name", ["NO_COLOR", "TERM"])
def test_nobody_who_does_not_want_colours_gets_any(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    out = FakeTerminal()
    Console(is_json=False, out=out).say("! warned")
    assert out.getvalue() == "\x1b[1;33m! \x1b[0mwarned\n"
    monkeypatch.setenv(name, "dumb")
    out = FakeTerminal()
    Console(is_json=False, out=out).say("! warned", style="red")
    assert out.getvalue() == "! warned\n"


def test_how_far_something_is_shows_on_a_terminal_and_is_taken_away() -> None:
    screen = FakeTerminal()
    line = ProgressLine(screen, "Searching", after_s=0)
    line.tell(3, 40)
    wait_until(lambda: "Searching: 3 of 40, 0 s" in screen.getvalue(), "the line to show")
    with line.erased():
        assert screen.getvalue().endswith("\r\x1b[2K")
        screen.write("a hit\n")
    line.end()
    assert screen.getvalue().endswith(("\r\x1b[2K", "a hit\n"))


@given(st.integers(1, 10**9), st.integers(1, 10**9), st.floats(0, 10**6), st.floats(0, 10**6))
def test_the_rest_takes_as_long_as_what_was_done_and_shrinks_as_time_goes_by(
    done: int, rest: int, told_s: float, since_s: float
) -> None:
    left = seconds_left(done, done + rest, told_s, told_s + since_s)
    pace_s = told_s / done
    if left is None:
        assert pace_s * rest - since_s < 1 + 1e-6 * (1 + told_s)
    else:
        assert left == pytest.approx(pace_s * rest - since_s, rel=1e-6, abs=1e-3)
    assert seconds_left(done, done, told_s, told_s + since_s) is None
    assert seconds_left(0, rest, told_s, told_s + since_s) is None


def test_how_long_the_rest_takes_shows_and_much_is_told_in_percent() -> None:
    screen = FakeTerminal()
    line = ProgressLine(screen, "Sending", after_s=0)
    line._began -= 50
    line.tell(1_000_000, 4_000_000)
    wait_until(lambda: "Sending: 25 %, 50 s, about 2 min left" in screen.getvalue(), "time left")
    line.end()


def test_each_of_several_is_told_of_and_nothing_stays_when_one_ends_it() -> None:
    screen = FakeTerminal()
    console = Console(is_json=False, out=io.StringIO(), err=screen)
    assert list(console.each("Reading", "abc")) == ["a", "b", "c"]
    assert console._progress is None
    for one in console.each("Reading", "abc"):
        assert one == "a"
        assert console._progress is not None
        break
    assert console._progress is None


def test_nothing_says_how_far_it_is_in_a_pipe_or_for_a_program() -> None:
    for err, is_json in ((io.StringIO(), False), (FakeTerminal(), True)):
        console = Console(is_json=is_json, out=io.StringIO(), err=err)
        with console.counting("Searching") as progress:
            progress(1, 2)
            assert console._progress is None
        assert err.getvalue() == ""


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=9), max_size=3))
def test_a_row_is_one_line_of_ascii_that_reads_back(row: dict[str, str]) -> None:
    out = io.StringIO()
    Console(is_json=True, out=out, err=io.StringIO()).row(row)
    assert out.getvalue().isascii()
    assert out.getvalue().count("\n") == 1
    assert json.loads(out.getvalue()) == row


@pytest.mark.parametrize(
    "way",
    [
        lambda console: console.say(FORGED),
        lambda console: console.say(FORGED, style="bold"),
        lambda console: console.note(f"error: {FORGED}"),
        lambda console: Console.say(Console(is_json=True, err=console._out), FORGED),
    ],
)
def test_a_name_with_a_line_break_stays_on_its_line(way: Callable[[Console], None]) -> None:
    out = io.StringIO()
    way(Console(is_json=False, out=out, err=out))
    (line,) = out.getvalue().splitlines()
    assert line.endswith("a␊error: forged␛[2J<U+202E> 🎈🎉")


def test_our_own_words_keep_their_lines() -> None:
    out = io.StringIO()
    Console(is_json=False, out=out).say_lines("one\ntwo \x1b[2J")
    assert out.getvalue() == "one\ntwo ␛[2J\n"


def test_no_verb_hands_several_lines_to_where_one_is_printed() -> None:
    wrong = [
        f"{path.name}:{node.lineno}"
        for path in COLLECTOR.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and _is_for_one_line(node.func)
        and any(_breaks(part) for argument in node.args for part in ast.walk(argument))
    ]
    assert wrong == [], "use say_lines for words of ours, `details` for what an error counts"


def _is_for_one_line(called: ast.expr) -> bool:
    if isinstance(called, ast.Attribute):
        return called.attr in {"say", "note", "confirm"}
    return isinstance(called, ast.Name) and called.id.endswith("Error")


def _breaks(part: ast.AST) -> bool:
    return isinstance(part, ast.Constant) and isinstance(part.value, str) and "\n" in part.value


@pytest.mark.parametrize("words", [("status",), ("show",), ("status", "x"), ("seal", "x", "--ä")])
def test_what_the_command_line_complains_about_cannot_act_on_the_terminal(
    words: tuple[str, ...], tmp_path: Path, home: Path
) -> None:
    hostile = tmp_path / FORGED
    hostile.mkdir()
    said = signoff(*words, f"{hostile}/none", cwd=hostile)
    assert "\nerror: forged" not in said.err + said.out, said
    assert not any(char in said.err + said.out for char in "\x1b\u202e"), said
