"""What is printed cannot act on a terminal, and JSON is plain ASCII."""

from __future__ import annotations

import io
import json
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.console import Console, visible


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


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=9), max_size=3))
def test_a_row_is_one_line_of_ascii_that_reads_back(row: dict[str, str]) -> None:
    out = io.StringIO()
    Console(is_json=True, out=out, err=io.StringIO()).row(row)
    assert out.getvalue().isascii()
    assert out.getvalue().count("\n") == 1
    assert json.loads(out.getvalue()) == row
