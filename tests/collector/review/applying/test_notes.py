"""What a person writes afterwards of a moment is a step right behind it, masked like the rest."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.leaks import leaks_in_bytes, random_secret
from tests.support.random_work import work
from tests.support.typist import Typist

from signoff_collector.episode.content import Edit, Episode
from signoff_collector.episode.file.strict import strict_check
from signoff_collector.episode.moments.checking import check_replay
from signoff_collector.replay.describing import describe_step
from signoff_collector.review.applying.base_walk import BaseWalk
from signoff_collector.review.applying.previews import Preview, shared_preview
from signoff_collector.review.plan.carrying import Carrying
from signoff_collector.review.plan.plan_edits import note_at
from signoff_collector.review.plan.value_masks import masks_for_value
from signoff_schemas.errors import DamagedError, UsageError
from signoff_schemas.plan import MOST_NOTES, NOTE_MAX, Plan, parse_plan, plan_bytes
from signoff_schemas.steps import NoteStep

BASE = "0" * 64
SAID = "the cache was 😀🚀 not the cause"


def plan(*notes: tuple[int, str], **fields: object) -> Plan:
    known: dict[str, object] = {"base_sha256": BASE, "keeps": [{"task": 1}]}
    said = [{"after_seq": seq, "text": text} for seq, text in notes]
    return Plan.model_validate({**known, "notes": said, **fields})


def session() -> tuple[Typist, list[int]]:
    """Return three tasks, and the last step of each."""
    typist, ends = Typist(), list[int]()
    typist.open("src/a.py", "# 😀🚀\n")
    for number in range(3):
        typist.begin_task(f"task {number}")
        typist.type_at_end("src/a.py", f"n{number} = {number}\n")
        typist.save("src/a.py")
        ends.append(typist.seq - 1)
    return typist, ends


def made(plan: Plan, typist: Typist, place: int = 0) -> Preview:
    return shared_preview(plan, BaseWalk(typist.episode()), place)


def notes_in(episode: Episode) -> list[NoteStep]:
    return [step for step in episode.steps if isinstance(step, NoteStep)]


def test_a_note_stands_behind_its_moment_at_its_time_and_says_that_it_came_afterwards() -> None:
    typist, ends = session()
    shared = made(plan((ends[1] - 1, SAID)), typist).episode
    (note,) = notes_in(shared)
    assert (note.text, note.stated, note.source) == (SAID, "review", "review")
    before = [step for step in shared.ordered() if step.seq < note.seq][-1]
    assert isinstance(before, Edit)
    assert (before.text, note.t_ns) == ("\n", before.t_ns)
    assert "written afterwards: the cache was" in describe_step(note)
    assert not check_replay(shared).mismatches
    strict_check(made(plan((ends[1] - 1, SAID)), typist).data)


def test_a_note_changes_nothing_but_the_numbers_behind_it() -> None:
    typist, ends = session()
    with_note = made(plan((ends[1] - 4, SAID)), typist).episode
    without = made(plan(), typist).episode
    assert with_note.step_count == without.step_count + 1
    assert with_note.edits.t_ns.tolist() == without.edits.t_ns.tolist()
    assert with_note.edits.text == without.edits.text


def test_a_note_is_shared_with_its_own_task_alone() -> None:
    typist, ends = session()
    keeps = [{"task": 0}, {"task": 1}, {"task": 2}]
    noted, plain = plan((ends[1], SAID), keeps=keeps), plan(keeps=keeps)
    for place in (0, 2):
        assert made(noted, typist, place).data == made(plain, typist, place).data
    assert [one.text for one in notes_in(made(noted, typist, 1).episode)] == [SAID]


def test_a_secret_in_a_note_is_masked_by_shape_and_by_what_the_plan_masks() -> None:
    typist, ends = session()
    token, value = f"ghp_{random_secret(91, 36)}", "Umbrella4711"
    typist.begin_task("it is named")
    typist.type_at_end("src/a.py", f"# {value}\n")
    masks = masks_for_value(value, typist.episode())
    shared = made(
        plan(
            (ends[1] - 2, f"I tried {token} and {value} 😀🚀"),
            (ends[1], f"{value}, again"),
            mask_texts=[mask.model_dump() for mask in masks.texts],
        ),
        typist,
    )
    assert leaks_in_bytes(shared.data, [token[4:], value]) == []
    first, second = notes_in(shared.episode)
    assert first.text.startswith("I tried REDACTED_")
    assert first.text.endswith("😀🚀")
    assert "REDACTED_MASK_" in second.text


def test_different_secrets_in_title_and_notes_have_different_placeholders() -> None:
    typist, ends = session()
    tokens = [f"ghp_{random_secret(seed, 36)}" for seed in (92, 93, 94)]
    keeps = [{"task": 1, "title": tokens[0]}]
    shared = made(plan((ends[1] - 1, tokens[1]), (ends[1], tokens[2]), keeps=keeps), typist)
    texts = {step.text for step in notes_in(shared.episode)}
    title = getattr(shared.episode.steps[0], "text", "")
    assert len({title, *texts}) == 3
    assert all(text.startswith("REDACTED_") for text in (title, *texts))
    assert leaks_in_bytes(shared.data, [token[4:] for token in tokens]) == []


def test_a_note_at_a_step_that_is_not_there_is_refused_without_its_words() -> None:
    typist, _ = session()
    with pytest.raises(UsageError) as refused:
        made(plan((9_999, SAID)), typist)
    assert "after step 9999; the episode has" in str(refused.value)
    assert "cache" not in f"{refused.value}{refused.value.hint}"


@pytest.mark.parametrize("how", ["range", "file", "kind", "left out of the task"])
def test_a_note_at_a_step_that_is_cut_is_refused(how: str) -> None:
    typist, ends = session()
    typist.command(["make"], task=1)
    seq = typist.seq - 1 if how == "kind" else ends[1] - 1
    fields: dict[str, object] = {
        "range": {"cut_ranges": [{"from_seq": seq, "to_seq": seq}]},
        "file": {"cut_files": [0]},
        "kind": {"cut_kinds": ["note"]},
        "left out of the task": {"keeps": [{"task": 1, "leave_out": [0]}]},
    }[how]
    if how == "kind":
        typist.add(NoteStep, text="live 😀🚀", task=1)
        seq = typist.seq - 1
    with pytest.raises(UsageError, match=f"a note after step {seq}, which the plan cuts"):
        made(plan((seq, SAID), **fields), typist)


def test_a_note_of_a_task_that_is_not_included_stays_behind() -> None:
    typist, ends = session()
    shared = made(plan((ends[0], SAID)), typist)
    assert notes_in(shared.episode) == []
    assert leaks_in_bytes(shared.data, ["cache was"]) == []


def test_notes_are_set_changed_and_taken_away() -> None:
    one = note_at(note_at(plan(), 9, "  second 😀🚀 "), 4, "first")
    assert [(note.after_seq, note.text) for note in one.notes] == [(4, "first"), (9, "second 😀🚀")]
    assert [note.text for note in note_at(one, 4, "other").notes] == ["other", "second 😀🚀"]
    assert [note.after_seq for note in note_at(one, 9, " ").notes] == [4]
    assert note_at(one, 5, "") == one


@pytest.mark.parametrize(
    "text", ["a\nb", "a\x1b[2J", "x" * (NOTE_MAX + 1), "\u2028", "half \ud83d", "\x7f"]
)
def test_what_is_no_line_is_no_note_in_the_review_nor_in_a_plan_file(text: str) -> None:
    with pytest.raises(UsageError, match="one line of at most 1000") as refused:
        note_at(plan(), 4, f"a {text} b")
    assert refused.value.hint is not None
    written = json.loads(plan_bytes(plan()))
    written["notes"] = [{"after_seq": 4, "text": f"a {text} b"}]
    with pytest.raises(DamagedError) as damaged:
        parse_plan(json.dumps(written).encode())
    assert "x" * 100 not in str(damaged.value)


@pytest.mark.parametrize("seqs", [(4, 4), (5, 4)])
def test_two_notes_at_one_moment_or_out_of_order_are_no_plan(seqs: tuple[int, int]) -> None:
    written = json.loads(plan_bytes(plan()))
    written["notes"] = [{"after_seq": seq, "text": "a"} for seq in seqs]
    with pytest.raises(DamagedError, match="at most one after each step"):
        parse_plan(json.dumps(written).encode())


def test_more_notes_than_a_plan_may_have_are_refused() -> None:
    full = plan(*((seq, "a") for seq in range(MOST_NOTES)))
    with pytest.raises(UsageError, match=f"there may be {MOST_NOTES}"):
        note_at(full, MOST_NOTES, "one more")


def test_a_plan_of_before_notes_is_read() -> None:
    written = json.loads(plan_bytes(plan()))
    del written["notes"]
    assert parse_plan(json.dumps(written).encode()) == plan()


def test_notes_go_over_to_another_episode_of_the_session_or_are_said_to_be_lost() -> None:
    typist, ends = session()
    episode = typist.episode()
    steps = range(episode.step_count)
    same = Carrying(episode, episode, origins=(steps, steps))
    noted = plan((ends[0], "a 😀🚀"), (ends[1], "b"))
    assert same.plan(noted, BASE).notes == noted.notes
    joined = [min(seq, ends[0]) for seq in steps]
    fewer = Carrying(episode, episode, origins=(joined, joined))
    assert [note.text for note in fewer.plan(noted, BASE).notes] == ["a 😀🚀"]
    assert fewer.lost == [f"the note after step {ends[1]}"]


@settings(max_examples=40)
@given(episode=work(), data=st.data())
def test_any_notes_leave_texts_and_times_of_any_work_as_they_are(
    episode: Episode, data: st.DataObject
) -> None:
    last = episode.step_count - 1
    seqs = sorted(data.draw(st.sets(st.integers(0, last), max_size=4)))
    keeps = [{"from_seq": 0, "to_seq": last}]
    base = BaseWalk(episode)
    plain = shared_preview(plan(keeps=keeps), base, 0).episode
    noted = shared_preview(plan(*((seq, SAID) for seq in seqs), keeps=keeps), base, 0).episode
    written = [one for one in notes_in(noted) if one.stated == "review"]
    assert len(written) == len(seqs)
    assert noted.step_count == plain.step_count + len(seqs)
    assert noted.edits.text == plain.edits.text
    assert noted.edits.t_ns.tolist() == plain.edits.t_ns.tolist()
    times = noted.times().tolist()
    assert times == sorted(times)
    assert check_replay(noted).row() | {"mismatches": 0} == check_replay(plain).row() | {
        "mismatches": 0
    }
