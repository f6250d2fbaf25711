"""Files are known from their edits alone, and what many bursts changed is one change."""

from __future__ import annotations

from random import Random

from experiments.worth.examples import AROUND, Edit
from experiments.worth.learning.states import FileRows, change, states


def _edit(text: str, at: int, removed: int, inserted: str, path: str = "a.py") -> tuple[Edit, str]:
    edit = Edit(
        path=path,
        before=text[max(0, at - AROUND) : at],
        removed=text[at : at + removed],
        inserted=inserted,
        behind=text[at + removed : at + removed + AROUND],
        line=text.count("\n", 0, at),
        lines=text.count("\n") + 1,
        pause_ms=None,
        author="unknown",
    )
    return edit, text[:at] + inserted + text[at + removed :]


def _random_edits(seed: int, text: str, number: int) -> tuple[list[Edit], str]:
    random = Random(seed)  # noqa: S311
    edits: list[Edit] = []
    for _ in range(number):
        at = random.randrange(len(text) + 1)
        put = "".join(random.choices(["x🦊", "\n", "word ", "𐍈()"], k=random.randrange(6)))
        edit, text = _edit(text, at, random.randrange(min(30, len(text) - at + 1)), put)
        edits.append(edit)
    return edits, text


def test_a_short_file_is_known_whole_after_any_edits() -> None:
    for seed in range(30):
        edits, text = _random_edits(seed, "one\ntwo 🦊\n\nfour 😀", 60)
        assert states(edits)[-1:] == ([text] if text else [])


def test_of_a_long_file_only_what_edits_told_is_known() -> None:
    lines = [f"line {number} 🦊" for number in range(3000)]
    text = "\n".join(lines)
    edit, later = _edit(text, text.index("line 1500"), 4, "row")
    (piece,) = states([edit])
    assert piece in later
    assert len(piece) < 2 * AROUND + 100
    assert "row 1500 🦊" in piece


def test_hunks_played_from_the_top_lead_to_the_later_text() -> None:
    for seed in range(40):
        early, text = _random_edits(seed, "a\nb 🦊\nc\nd\n😀\n" * 20, 10)
        late, end = _random_edits(seed + 1000, text, 20)
        files: dict[str, FileRows] = {}
        change(files, early)
        hunks = change(files, late)
        built = text + "\n"  # hunks are of whole lines, each with its end
        for hunk in hunks:
            at = sum(len(line) + 1 for line in built.split("\n")[: hunk.line])
            at += len(hunk.before.rsplit("\n", 1)[-1])
            assert built[at:].startswith(hunk.removed)
            assert built[:at].endswith(hunk.before)
            built = built[:at] + hunk.inserted + built[at + len(hunk.removed) :]
        assert built == end + "\n"


def test_what_was_written_and_taken_back_is_no_change() -> None:
    first, text = _edit("a\nb 🦊\n", 2, 0, "new\n")
    second, _ = _edit(text, 2, 4, "")
    assert change({}, [first, second]) == []


def test_an_edit_that_contradicts_what_is_known_begins_the_file_anew() -> None:
    first, _ = _edit("a\nb 🦊\nc", 2, 1, "x")
    second, text = _edit("other\ntext 😀", 6, 4, "words")
    assert states([first, second]) == [text]


def test_hunks_of_several_files_stand_by_name() -> None:
    first, _ = _edit("", 0, 0, "written 🦊 second", "b.py")
    second, _ = _edit("", 0, 0, "written 🦊 first", "a.py")
    assert [hunk.path for hunk in change({}, [first, second])] == ["a.py", "b.py"]
