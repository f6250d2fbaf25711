"""What was in view of a file before it changed is given with its text, own or shared alike."""

from __future__ import annotations

import pytest
from tests.support.leaks import random_secret
from tests.support.typist import Typist

from signoff_collector.episode.content import Episode
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.levels.telling import level_lines, level_rows
from signoff_collector.levels.viewed import Viewed, viewed
from signoff_collector.review.applying.apply import apply
from signoff_schemas.plan import Plan, RangeKeep
from signoff_schemas.steps import ResyncStep, ViewStep

HIDDEN = random_secret(41)
ROWS = ["import os", "# 😀🚀 seen", "seen = 2", f"hidden = '{HIDDEN}'", "seen_too = 3", "", "end"]


def reading() -> Typist:
    typist = Typist()
    typist.open("lib/read.py", "\n".join(ROWS))
    typist.open("src/work.py", "# 😀🚀\nfirst\n")
    for path, spans in (
        ("lib/read.py", [(1, 2)]),
        ("src/work.py", [(0, 1)]),
        ("lib/read.py", [(2, 2), (4, 99)]),
        ("lib/read.py", [(1, 1)]),
    ):
        visible = [{"first": first, "last": last} for first, last in spans]
        typist.add(ViewStep, path=path, buffer=0, visible=visible)
    typist.type_at_end("src/work.py", "typed\n")
    typist.add(ViewStep, path="src/work.py", buffer=0, visible=({"first": 0, "last": 9},))
    return typist


def shared(typist: Typist) -> Episode:
    keep = RangeKeep(from_seq=0, to_seq=typist.seq - 1)
    (episode,) = apply(Plan(base_sha256="0" * 64, keeps=(keep,)), typist.episode())
    return episode


def found(episode: Episode) -> dict[str, Viewed]:
    return {one.path: one for one in viewed(episode, Moments(episode))}


def test_each_line_is_given_once_with_the_view_that_showed_it_first() -> None:
    typist = reading()
    views = [step.seq for step in typist.steps if isinstance(step, ViewStep)]
    read = found(typist.episode())["lib/read.py"]
    assert [(one.seq, one.line, one.text) for one in read.parts] == [
        (views[0], 1, "# 😀🚀 seen\nseen = 2"),
        (views[2], 4, "seen_too = 3\n\nend"),
    ]
    assert (read.first, read.last, read.lines) == (views[0], views[3], 7)
    assert not read.is_changed


def test_of_a_file_that_changed_only_what_was_read_before_is_given() -> None:
    work = found(reading().episode())["src/work.py"]
    assert [one.text for one in work.parts] == ["# 😀🚀\nfirst"]
    assert work.is_changed


def test_a_shared_episode_gives_the_same_lines_and_no_other() -> None:
    own, given = found(reading().episode()), found(shared(reading()))
    for path in own:
        assert [one.text for one in given[path].parts] == [one.text for one in own[path].parts]
    assert HIDDEN not in str(given)
    assert HIDDEN not in str(list(level_rows(shared(reading()))))


def test_a_file_that_another_program_changed_is_not_called_only_read() -> None:
    typist = reading()
    assert "lib/read.py, 5 of 7 lines" in "\n".join(level_lines(typist.episode()))
    blob = typist.blob("other 😀🚀\n".encode())
    typist.add(
        ResyncStep, path="lib/read.py", buffer=0, reason="external", target="buffer", blob=blob
    )
    typist.add(ViewStep, path="lib/read.py", buffer=0, visible=({"first": 0, "last": 9},))
    read = found(typist.episode())["lib/read.py"]
    assert read.is_changed
    assert "other" not in str(read)
    assert "5 of 7 lines" not in "\n".join(level_lines(typist.episode()))


@pytest.mark.parametrize("last", [0, 1 << 40])
def test_lines_that_no_file_has_are_left_out(last: int) -> None:
    typist = Typist()
    typist.open("a.py", "one 😀🚀")
    typist.add(ViewStep, path="a.py", buffer=0, visible=({"first": 0, "last": last},))
    typist.add(ViewStep, path="gone.py", buffer=0, visible=({"first": 0, "last": last},))
    read = found(typist.episode())
    assert {path: one.parts[0].text for path, one in read.items()} == {"a.py": "one 😀🚀"}
