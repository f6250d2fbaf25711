"""Whatever a plan says: nothing it took out is in the bytes, and whoever asks gets the same."""

from __future__ import annotations

import random
import string
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.leaks import leaks_in_bytes, leaks_in_episode, windows
from tests.support.odd_day import odd_day
from tests.support.typist import Typist

from signoff_collector.episode.content import Episode
from signoff_collector.episode.file.strict import strict_check
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.episode.moments.checking import check_replay
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.redaction.strings.step_strings import strings_of
from signoff_collector.redaction.texts.texts import TextStates
from signoff_collector.review.applying.apply import apply
from signoff_collector.review.applying.base_walk import BaseWalk
from signoff_collector.review.applying.previews import Previews, shared_preview
from signoff_collector.review.applying.selection import covered
from signoff_collector.review.checking.groups import Checking
from signoff_schemas.errors import UsageError
from signoff_schemas.plan import FieldMask, Plan, TextMask, parse_plan, plan_bytes
from signoff_schemas.steps import NoteStep, StepBase

BASE = "0" * 64
PATHS = ("src/a.py", "lib/b.py", "c.txt")


def mark(number: int) -> str:
    """Return a text that stands nowhere else, and no window of which does."""
    source = random.Random(f"mark {number}")  # noqa: S311
    return "".join(source.choices(string.ascii_letters + string.digits, k=16))


@dataclass
class Session:
    """A session in which everything that is written can be told apart."""

    typist: Typist
    marks: list[str] = field(default_factory=list[str])
    texts: dict[str, TextMask] = field(default_factory=dict[str, TextMask])
    fields: dict[str, FieldMask] = field(default_factory=dict[str, FieldMask])

    def new_mark(self) -> str:
        self.marks.append(mark(len(self.marks)))
        return self.marks[-1]


@st.composite
def sessions(draw: st.DrawFn) -> Session:
    typist = Typist(cursors=draw(st.booleans()))
    made = Session(typist)
    for path in PATHS[: draw(st.integers(1, 3))]:
        typist.open(path, f"# 😀🚀 {made.new_mark()}\n")
    for number in range(draw(st.integers(4, 14))):
        path = draw(st.sampled_from(sorted(typist.texts)))
        match draw(st.integers(0, 6)):
            case 0 | 1 | 2:
                _type(draw, made, path)
            case 3:
                typist.save(path)
            case 4:
                typist.begin_task(f"task {made.new_mark()}")
            case 5:
                text = made.new_mark()
                seq = typist.seq
                typist.add(NoteStep, text=f"😀🚀 {text}!")
                made.fields[text] = FieldMask(seq=seq, field="/text", start=3, length=len(text))
            case _:
                typist.command(["make", f"t{number}"], f"{made.new_mark()} 😀🚀\n")
        typist.wait(draw(st.sampled_from([0, 300, 5_000])))
    return made


def _type(draw: st.DrawFn, made: Session, path: str) -> None:
    """Type a mark somewhere; perhaps take it away again."""
    typist = made.typist
    text = made.new_mark()
    start = draw(st.sampled_from([0, len(typist.texts[path])]))
    typist.type(path, start, f"{text}\n" if draw(st.booleans()) else text)
    at = typist.texts[path].index(text)
    made.texts[text] = TextMask(
        after_seq=typist.seq - 1, file=PATHS.index(path), buffer=0, start=at, length=len(text)
    )
    if draw(st.booleans()):
        typist.edit(path, at, len(text), "")


@st.composite
def plans(draw: st.DrawFn, made: Session) -> tuple[Plan, list[str]]:
    """Draw a plan, and return it with the marks that it masks."""
    last = made.typist.seq - 1
    chosen = [text for text in (*made.texts, *made.fields) if draw(st.integers(0, 3)) == 0]
    files = len(made.typist.files)
    fields: dict[str, object] = {
        "base_sha256": BASE,
        "seed": draw(st.sampled_from([None, "ab" * 32])),
        "keeps": [_keep(draw, last, files) for _ in range(draw(st.integers(1, 2)))],
        "cut_ranges": [_span(draw, last) for _ in range(draw(st.integers(0, 2)))],
        "cut_files": draw(st.lists(st.integers(0, files - 1), max_size=1)),
        "cut_kinds": draw(st.lists(st.sampled_from(["note", "task", "select"]), max_size=1)),
        "mask_texts": [made.texts[text] for text in chosen if text in made.texts],
        "mask_fields": [made.fields[text] for text in chosen if text in made.fields],
        "whole_files": list(range(files)),
        "wall_clock": draw(st.booleans()),
        "time_resolution": draw(st.sampled_from(["1s", "100ms", "exact"])),
    }
    return Plan.model_validate(fields), chosen


def _span(draw: st.DrawFn, last: int) -> dict[str, object]:
    first = draw(st.integers(0, last))
    return {"from_seq": first, "to_seq": draw(st.integers(first, last))}


def _keep(draw: st.DrawFn, last: int, files: int) -> dict[str, object]:
    keep: dict[str, object] = {
        "title": draw(st.sampled_from([None, "Mend the 😀🚀 parser"])),
        "outcome": draw(st.sampled_from([None, "solved"])),
        "leave_out": draw(st.lists(st.integers(0, files - 1), max_size=1)),
    }
    low, high = sorted(draw(st.lists(st.integers(0, last), min_size=2, max_size=2)))
    if draw(st.booleans()) and high - low > 2:
        middle = draw(st.integers(low, high - 2))
        spans = [(low, middle), (draw(st.integers(middle + 2, high)), high)]
        return keep | {"ranges": [{"from_seq": a, "to_seq": b} for a, b in spans]}
    return keep | {"from_seq": low, "to_seq": high}


def allowed(plan: Plan, episode: Episode, place: int) -> str:
    """Return all that one keep may show: texts before and after its steps, and their strings."""
    keep = plan.keeps[place]
    kept = covered(plan, BaseWalk(episode), keep)
    cut = {*plan.cut_files, *keep.leave_out}
    seen: list[str] = []
    states = TextStates(episode)
    for step in episode.ordered():
        for is_after in (False, True):
            if is_after and isinstance(step, StepBase):
                states.apply_step(step)
            elif is_after and not isinstance(step, StepBase):
                states.apply_edit(step)
            if kept[step.seq]:
                seen += [text.chars for key, text in states.texts.items() if key.file not in cut]
        if kept[step.seq] and isinstance(step, StepBase):
            seen += [text for _, text in strings_of(step)]
    return "\n".join(seen)


@settings(max_examples=60)
@given(made=sessions(), data=st.data())
def test_nothing_cut_or_masked_is_in_the_bytes_and_every_way_gives_the_same(
    made: Session, data: st.DataObject
) -> None:
    episode = made.typist.episode()
    plan, masked = data.draw(plans(made))
    base, previews = BaseWalk(episode), Previews(episode)
    for place in range(len(plan.keeps)):
        try:
            shared = shared_preview(plan, base, place)
        except UsageError:
            continue
        whole = allowed(plan, episode, place)
        gone = sorted(
            one
            for text in made.marks
            for one in windows(text)
            if text in masked or one not in whole
        )
        assert leaks_in_bytes(shared.data, gone) == []
        assert leaks_in_episode(shared.episode, gone) == []
        assert strict_check(shared.data) == shared.episode
        assert check_replay(shared.episode).mismatches == ()
        assert previews.of(parse_plan(plan_bytes(plan)), place).data == shared.data
        if not masked:
            _compare_moments(plan, episode, shared.episode, place)


def _compare_moments(plan: Plan, episode: Episode, shared: Episode, place: int) -> None:
    """Compare every text after each kept step with the text after its twin."""
    before, after = Moments(episode), Moments(shared)
    kept = covered(plan, BaseWalk(episode), plan.keeps[place])
    cut = {episode.files[file] for file in (*plan.cut_files, *plan.keeps[place].leave_out)}
    old = [
        step.seq
        for step in episode.ordered()
        if kept[step.seq] and not _is_dropped(step, episode, plan, cut)
    ]
    new = [step.seq for step in shared.ordered() if getattr(step, "source", "") != "review"]
    assert len(old) == len(new)
    for one, other in zip(old, new, strict=True):
        for path in shared.files:
            assert before.buffer(path, 0, one) == after.buffer(path, 0, other)
            assert before.disk(path, one) == after.disk(path, other)


def _is_dropped(step: object, episode: Episode, plan: Plan, cut: set[str]) -> bool:
    if isinstance(step, StepBase):
        return step.path in cut or getattr(step, "kind", "") in plan.cut_kinds
    return episode.files[getattr(step, "file", 0)] in cut


def test_two_ways_to_all_keeps_give_the_same_episodes() -> None:
    day, _ = odd_day(5, scale=0.01)
    last = day.step_count - 1
    keeps = [{"from_seq": 10, "to_seq": last // 2}, {"from_seq": last // 2, "to_seq": last}]
    plan = Plan.model_validate({"base_sha256": BASE, "keeps": keeps})
    settled = Checking(day, key=b"k" * 32).settled(plan)
    at_once = [write_episode(episode) for episode in apply(settled, day)]
    one_by_one = [shared_preview(settled, BaseWalk(day), place).data for place in (1, 0)]
    assert at_once == one_by_one[::-1]


@settings(max_examples=8)
@given(data=st.data())
def test_no_plan_for_a_realistic_day_shows_what_was_settled(data: st.DataObject) -> None:
    day, secrets = odd_day(7, scale=0.01)
    last = day.step_count - 1
    low = data.draw(st.integers(0, last))
    keep = {"from_seq": low, "to_seq": data.draw(st.integers(low, last))}
    first = data.draw(st.integers(0, last))
    cuts = [{"from_seq": first, "to_seq": min(last, first + data.draw(st.integers(0, 40)))}]
    plan = Plan.model_validate({"base_sha256": BASE, "keeps": [keep], "cut_ranges": cuts})
    settled = Checking(day, key=b"k" * 32).settled(plan)
    try:
        shared = shared_preview(settled, BaseWalk(day), 0)
    except UsageError:
        return
    assert leaks_in_bytes(shared.data, secrets) == []
    assert check_replay(shared.episode).mismatches == ()
    assert strict_check(shared.data) == shared.episode
