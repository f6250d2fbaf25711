"""Work that was taken back is found as a whole and in part; slips and moved text are not."""

from __future__ import annotations

import pytest
from tests.support.typist import Typist

from signoff_collector.levels.levels import levels_of
from signoff_collector.levels.writing.reverts import Revert
from signoff_schemas.steps import GitStep
from signoff_schemas.words import ActorClass

PATH = "src/app.py"
OPENED = "# 😀🚀\nfirst = 1\nlast = 2\n"
KEPT = "kept_line = of_the_work(one)\n"
WORK = "".join(f"attempt_{n} = something_else({n}, {n})\n" for n in range(4))
END = len(OPENED)


def begun() -> Typist:
    typist = Typist()
    typist.open(PATH, OPENED)
    return typist


def reverts(typist: Typist) -> list[Revert]:
    return list(levels_of(typist.episode()).reverts)


def test_a_part_that_is_taken_back_is_one_though_a_line_of_it_stays() -> None:
    typist = begun()
    typist.type(PATH, END, KEPT + WORK)
    typist.save(PATH)
    typist.wait(4_000)
    typist.edit(PATH, END + len(KEPT), len(WORK), "")
    (one,) = reverts(typist)
    assert (one.how, one.paths, one.is_part) == ("edits", (PATH,), True)
    assert one.first == 1 + len(KEPT)
    (dead,) = levels_of(typist.episode()).dead_ends
    assert (dead.first, dead.last) == (1 + len(KEPT), len(KEPT + WORK) - 1)


def test_work_is_taken_back_though_something_else_was_written_meanwhile() -> None:
    typist = begun()
    typist.type(PATH, END, WORK)
    typist.wait(4_000)
    typist.type(PATH, 0, "import something\n")
    typist.wait(4_000)
    typist.edit(PATH, END + len("import something\n"), len(WORK), "", ActorClass.UNDO)
    (one,) = reverts(typist)
    assert (one.how, one.first, one.is_part) == ("undo", 1, True)


def test_backspacing_with_pauses_is_one_revert() -> None:
    typist = begun()
    typist.type(PATH, END, KEPT + WORK)
    typist.wait(4_000)
    for at in range(len(WORK) - 1, -1, -1):
        typist.edit(PATH, END + len(KEPT) + at, 1, "")
        typist.wait(3_000 if at % 20 == 0 else 50)
    (one,) = reverts(typist)
    assert one.last == typist.seq - 1


@pytest.mark.parametrize("is_tried", [True, False])
def test_few_characters_count_only_if_they_were_tried(is_tried: bool) -> None:
    typist = begun()
    typist.edit(PATH, END - 2, 1, "3")
    if is_tried:
        typist.save(PATH)
    typist.wait(4_000)
    typist.edit(PATH, END - 2, 1, "2")
    assert len(reverts(typist)) == is_tried


def test_what_was_older_is_not_work_that_is_taken_back() -> None:
    typist = Typist()
    typist.open(PATH, OPENED + WORK)
    typist.type(PATH, 0, "# a word\n")
    typist.wait(4_000)
    typist.edit(PATH, END + len("# a word\n"), len(WORK), "")
    assert reverts(typist) == []


def test_what_took_the_place_of_older_text_does_not_come_back_by_going() -> None:
    typist = Typist()
    typist.open(PATH, OPENED + KEPT * 3)
    typist.edit(PATH, END, len(KEPT) * 3, WORK)
    typist.wait(4_000)
    typist.edit(PATH, END, len(WORK), "")
    assert not [one for one in reverts(typist) if one.is_part]


def test_text_that_was_moved_is_not_taken_back() -> None:
    typist = begun()
    typist.type(PATH, END, KEPT + WORK)
    typist.wait(4_000)
    typist.edit(PATH, END + len(KEPT), len(WORK), "")
    typist.wait(4_000)
    typist.edit(PATH, 0, 0, WORK, ActorClass.PASTED)
    typist.save(PATH)
    assert reverts(typist) == []


def test_git_takes_back_what_was_written_since_the_text_that_it_brings() -> None:
    typist = begun()
    typist.type(PATH, END, KEPT)
    typist.save(PATH)
    typist.wait(4_000)
    text = typist.texts[PATH]
    first = typist.seq
    typist.type(PATH, len(text), WORK)
    typist.save(PATH)
    item = {"path": PATH, "blob": typist.blob(text.encode())}
    typist.add(GitStep, operation="restore", disk=(item,))
    typist.edit(PATH, 0, len(typist.texts[PATH]), text, ActorClass.GIT)
    (one,) = reverts(typist)
    assert (one.how, one.first) == ("git", first)


def test_what_was_written_meanwhile_is_not_of_what_was_taken_back() -> None:
    typist = begun()
    typist.type(PATH, END, WORK)
    typist.wait(4_000)
    kept = typist.seq
    typist.type(PATH, 0, "import something\n")
    typist.wait(4_000)
    back = typist.seq
    typist.edit(PATH, END + len("import something\n"), len(WORK), "")
    levels = levels_of(typist.episode())
    (one,) = levels.reverts
    assert one.since == back
    (taken,) = levels.taken(one, PATH)
    assert (taken.first, taken.last) == (1, kept - 1)
