"""Random stretches of work by hand at a workbench whose tree is known, with hard texts."""

from __future__ import annotations

import json

from hypothesis import strategies as st
from tests.support.episodes import ASTRAL
from tests.support.pictures import Desk
from tests.support.runs_of_tests import run_tests

from signoff_collector.episode.content import Episode
from signoff_collector.picture.layout import Box
from signoff_datasets.frames.doing import Doing
from signoff_datasets.frames.pointing import Point
from signoff_schemas.steps import DiagnosticsStep, FilesStep, SelectStep, TaskStep, ViewStep
from signoff_schemas.values import Actor
from signoff_schemas.words import ActorClass, Basis

HAND = Actor.model_validate({"class": ActorClass.TYPED, "basis": Basis.OBSERVED})
MACHINE = Actor.model_validate({"class": ActorClass.ASSISTANT, "basis": Basis.OBSERVED})
TEXTS = {
    "a.py": f"# {ASTRAL} one\nx = 1\n\ty = '漢字'\n",
    "src/right.txt": "שלום (hello) مرحبا\nleft\n",
    "src/long.txt": "0123456789" * 1_000 + "\nshort\n",
    "deep/many.txt": "".join(f"line {number} e\u0301\u200b\r{ASTRAL}\n" for number in range(90)),
}
"""Texts that are hard to draw, by path."""
LETTERS = st.text(alphabet=f"ab \t\n漢אé\u0301\u200b{ASTRAL}", min_size=1, max_size=8)
MOVES = (
    "type", "type", "type", "here", "rub", "delete", "over", "cut", "paste", "complete", "undo",
    "comment", "program", "select", "select", "view", "save", "run", "theirs", "test", "find",
    "open", "disk", "task",
)  # fmt: skip


@st.composite
def work_by_hand(draw: st.DrawFn) -> Episode:
    """Draw a stretch of work, with and without a companion that tells where the cursor is."""
    desk = Desk(key_ms=40, cursors=draw(st.booleans()))
    desk.add(FilesStep, changed=tuple(
        {"path": path, "blob": desk.blob(text.encode())} for path, text in TEXTS.items()
    ), is_base=True)  # fmt: skip
    paths = draw(st.lists(st.sampled_from(sorted(TEXTS)), min_size=1, max_size=4, unique=True))
    for path in paths:
        desk.open(path, TEXTS[path])
    caret = 0
    for _ in range(draw(st.integers(1, 14))):
        path = draw(st.sampled_from(paths))
        desk.wait(draw(st.sampled_from([30, 800, 4_000])))
        move = draw(st.sampled_from(MOVES))
        caret = _move(draw, desk, path, move, min(caret, len(desk.texts[path])))
    return desk.episode()


def _move(draw: st.DrawFn, desk: Desk, path: str, move: str, caret: int) -> int:
    text = desk.texts[path]
    at = draw(st.integers(0, len(text)))
    most = min(len(text) - at, 40)
    count = draw(st.integers(0, most))
    typed = draw(LETTERS)
    match move:
        case "type":
            return desk.type(path, at, typed)
        case "here":
            return desk.type(path, caret, typed)
        case "rub":
            many = min(at, draw(st.integers(1, 5)))
            desk.backspace(path, at, many)
            return at - many
        case "delete":
            for _ in range(min(most, 3)):
                desk.edit(path, at, 1, "")
            return at
        case "over":
            desk.edit(path, at, count, typed)
        case "cut" if count:
            desk.edit(path, at, count, "")
            return at
        case "paste" | "complete":
            cls = ActorClass.PASTED if move == "paste" else ActorClass.COMPLETION
            desk.edit(path, at, count, typed, cls)
        case "undo":
            desk.edit(
                path, at, count, typed, draw(st.sampled_from([ActorClass.UNDO, ActorClass.REDO]))
            )
        case "comment":
            desk.edit(path, at, 0, typed, ActorClass.COMMAND)
        case "program":
            cls = [ActorClass.ASSISTANT, ActorClass.UNKNOWN, ActorClass.FORMATTER]
            desk.edit(path, at, count, typed, draw(st.sampled_from(cls)))
        case "select":
            ends = draw(st.sampled_from([(at, at + count), (at + count, at)]))
            desk.add(SelectStep, path=path, buffer=0, cursor=ends[1],
                     selections=(ends,) if count else ())  # fmt: skip
            return at + count
        case "view":
            first = draw(st.integers(0, text.count("\n")))
            desk.add(ViewStep, path=path, buffer=0,
                     visible=({"first": first, "last": first + 20},))  # fmt: skip
        case _:
            _other(draw, desk, path, move)
    return at


def _other(draw: st.DrawFn, desk: Desk, path: str, move: str) -> None:
    match move:
        case "save":
            desk.save(path)
        case "run":
            output = draw(st.sampled_from(["", f"done {ASTRAL}\n"]))
            desk.command(("make", ASTRAL), output, actor=HAND)
        case "theirs":
            desk.command(("rm", "-r"), "gone\n", actor=MACHINE)
        case "test":
            run_tests(desk, {f"t::one {ASTRAL}": draw(st.sampled_from(["passed", "failed"]))})
        case "find":
            place = {"start": {"line": 0, "column": 1}, "end": {"line": 0, "column": 3}}
            found = {"message": f"no {ASTRAL}", "severity": "error", "range": place}
            desk.add(DiagnosticsStep, path=path, appeared=(found,))
        case "open":
            desk.open(path, desk.texts[path])
        case "disk":
            item = {"path": draw(st.sampled_from(["new.txt", path])), "blob": desk.blob(b"other\n")}
            desk.add(FilesStep, changed=(item,))
        case "task":
            desk.add(TaskStep, text=f"next {ASTRAL}", stated="during")
        case _:
            pass


def _box(x: int, y: int, width: int, height: int) -> Box:
    return Box(x=x, y=y, width=width, height=height)


def read_action(text: str) -> Doing:
    """Return the action of a record, from nothing but its JSON."""
    told = json.loads(text)
    points = [
        Point(kind=one["on"], box=_box(*one["box"]))
        for one in (told.pop("target", None), told.pop("to", None))
        if one is not None
    ]  # fmt: skip
    lines = told.pop("lines", None)
    return Doing(points=tuple(points), lines=None if lines is None else tuple(lines), **told)
