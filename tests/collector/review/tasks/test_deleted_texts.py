"""Text that was taken away again, held against a model that keeps every character."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.episodes import open_episode, typing
from tests.support.typist import Typist

from signoff_collector.episode.content import Edit
from signoff_collector.review.tasks.deleted_texts import deleted_texts
from signoff_collector.review.tasks.file_moments import Looked

Case = tuple[str, list[Edit], list[str]]


@dataclass
class Character:
    """One character of the model; `gone` is the edit that took it."""

    sign: str
    gone: Edit | None = None


def model(opened: str, edits: list[Edit]) -> list[tuple[int, str]]:
    """Return which step took which text, newest first."""
    ever = [Character(sign) for sign in opened]
    for one in edits:
        alive = [cell for cell in ever if cell.gone is None]
        for cell in alive[one.start : one.start + one.deleted]:
            cell.gone = one
        before = alive[one.start - 1] if one.start else None
        at = next((n + 1 for n, cell in enumerate(ever) if cell is before), 0)
        ever[at:at] = [Character(sign) for sign in one.text]
    found: list[tuple[int, str]] = []
    for is_gone, run in groupby(ever, key=lambda cell: cell.gone is not None):
        burst: list[tuple[Edit, str]] = []
        for gone, sign in [(cell.gone, cell.sign) for cell in run] if is_gone else []:
            assert gone is not None
            if burst:
                last = burst[-1][0]
                is_far = abs(gone.t_ns - last.t_ns) > 3 * 10**9 and abs(gone.seq - last.seq) > 1
                if is_far:
                    found += told(burst)
                    burst = []
            burst.append((gone, sign))
        found += told(burst)
    return sorted(found, key=lambda one: -one[0])


def told(burst: list[tuple[Edit, str]]) -> list[tuple[int, str]]:
    """Return one deleted text, or nothing where it is less than three characters."""
    text = "".join(sign for _, sign in burst)
    return (
        [(max(one.seq for one, _ in burst), text)]
        if sum(sign not in " \t\r\n" for sign in text) > 2
        else []
    )


@settings(max_examples=60, deadline=None)
@given(case=typing(), slow=st.integers(1, 60))
def test_each_character_that_went_is_in_one_text_of_its_burst(case: Case, slow: int) -> None:
    opened, edits, _ = case
    edits = [one._replace(t_ns=one.t_ns * slow) for one in edits]
    found = deleted_texts(open_episode(opened, edits))
    assert sorted((one.seq, one.text) for one in found) == sorted(model(opened, edits))
    assert {one.path for one in found} <= {"a.txt"}


def test_the_difference_from_first_to_last_does_not_show_what_was_deleted() -> None:
    typist = Typist()
    typist.open("a.py", "x = 1\n")
    typist.type_at_end("a.py", "hunter2 \U0001f600\U00010348")
    typist.backspace("a.py", len("x = 1\nhunter2 \U0001f600\U00010348"), 10)
    looked = Looked(typist.episode())
    looked.see(files=[0])
    assert (looked.unseen_files, looked.unseen_deleted) == ([], [0])
    assert looked.unseen == "1 deleted text"
    looked.see(deleted=[0])
    assert looked.unseen == ""
