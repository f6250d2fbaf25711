"""Text that was taken away again, held against a model that keeps every character."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from itertools import groupby

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.episodes import open_episode, typing
from tests.support.typist import Typist

from signoff_collector.episode.content import Edit
from signoff_collector.review.tasks.deleted_texts import Why, deleted_texts
from signoff_collector.review.tasks.file_moments import Looked
from signoff_schemas.steps import FilesStep

ASTRAL = "\U0001f600\U00010348"
BLANKS = " \t\r\n"
Case = tuple[str, list[Edit], list[str]]


@dataclass
class Character:
    """One character of the model; `gone` is the edit that took it."""

    sign: str
    gone: Edit | None = None


def model(opened: str, edits: list[Edit]) -> list[tuple[int, str]]:
    """Return which step took which text, in the order of the document."""
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
                near_s = 60 if abs(gone.seq - last.seq) <= 1 else 3
                if abs(gone.t_ns - last.t_ns) > near_s * 10**9:
                    found += told(burst)
                    burst = []
            burst.append((gone, sign))
        found += told(burst)
    return found


def told(burst: list[tuple[Edit, str]]) -> list[tuple[int, str]]:
    """Return one deleted text, or nothing where it is blank."""
    text = "".join(sign for _, sign in burst)
    return [(max(one.seq for one, _ in burst), text)] if text.strip(BLANKS) else []


@settings(max_examples=60, deadline=None)
@given(case=typing(), slow=st.integers(1, 60))
def test_each_character_that_went_is_in_one_text_of_its_burst(case: Case, slow: int) -> None:
    opened, edits, _ = case
    edits = [one._replace(t_ns=one.t_ns * slow) for one in edits]
    found = deleted_texts(open_episode(opened, edits))
    told_all = model(opened, edits)
    long = [(seq, text) for seq, text in told_all if sum(sign not in BLANKS for sign in text) > 2]
    short = [one for one in told_all if one not in long]
    assert sorted((one.seq, one.text) for one in found if one.why == Why.DELETED) == sorted(long)
    pieces = ", ".join(" ".join(re.findall(f"[^{BLANKS}]+", text)) for _, text in short)
    together = [(max(seq for seq, _ in short), len(short), pieces)] if short else []
    assert [(one.seq, one.count, one.text) for one in found if one.why == Why.SHORTER] == together
    assert {one.path for one in found} <= {"a.txt"}


def test_what_went_hours_apart_is_told_apart_each_at_its_time() -> None:
    typist = Typist()
    typist.open("a.py", f"alpha {ASTRAL}\ngamma {ASTRAL}\n")
    line = len(f"alpha {ASTRAL}\n")
    typist.edit("a.py", 0, line, "")
    typist.wait(2 * 3600 * 1000)
    typist.edit("a.py", 0, line, "")
    found = [(one.text, one.t_ns // 10**9) for one in deleted_texts(typist.episode())]
    assert found == [(f"gamma {ASTRAL}\n", 7200), (f"alpha {ASTRAL}\n", 0)]


def test_what_went_in_short_pieces_is_one_row_that_holds_them_all() -> None:
    typist = Typist()
    typist.open("a.py", f"pin 4711 {ASTRAL}\n")
    for _ in range(2):
        typist.edit("a.py", 4, 2, "")
        typist.wait(90_000)
    (one,) = deleted_texts(typist.episode())
    assert (one.why, one.count, one.text) == (Why.SHORTER, 2, "47, 11")


def test_a_file_written_twice_on_disk_shows_its_version_in_between() -> None:
    typist = Typist()
    for text in ("one\n", f"one\r\nsecret {ASTRAL}\r\n\r\nplan\r\n", "one\ntwo\n"):
        content = text.encode()
        blob = {"blob": typist.blob(content), "size_bytes": len(content)}
        item = {"path": "d.py", "sha256": hashlib.sha256(content).hexdigest(), **blob}
        typist.add(FilesStep, changed=(item,))
    looked = Looked(typist.episode())
    looked.see(files=[one.file for one in looked.files])
    assert looked.unseen == "1 deleted text"
    ((one,),) = looked.deleted.values()
    assert (one.why, one.text, one.seq) == (Why.BETWEEN, f"secret {ASTRAL}\n\nplan", 1)


def test_what_was_typed_and_closed_unsaved_is_told() -> None:
    typist = Typist()
    typist.open("a.py", "x = 1\n")
    typist.type_at_end("a.py", f"secret {ASTRAL}")
    typist.close("a.py")
    typist.open("a.py", "x = 1\n")
    typist.type_at_end("a.py", "y")
    typist.save("a.py")
    typist.close("a.py")
    typist.open("a.py", "x = 1\ny")
    (one,) = deleted_texts(typist.episode())
    assert (one.why, one.text) == (Why.UNSAVED, f"secret {ASTRAL}")
    assert one.words == "in a buffer, closed unsaved"


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
