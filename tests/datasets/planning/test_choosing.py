"""Going through a source: each episode is chosen once, or left out once with its reason."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.support.datasets import (
    Person,
    authority_of,
    content_of,
    put,
    request,
    shared_episode,
    words,
)
from tests.support.episodes import edit, table

from signoff_collector.episode.content import Episode
from signoff_collector.episode.file.writer import write_episode
from signoff_datasets.planning.choosing import Chosen, choose
from signoff_datasets.sources.folder import FolderSource
from signoff_schemas.statement import Purpose

ANNA, BERT, EVE = (Person(number=number) for number in range(3))


def chosen_of(folder: Path, **changes: object) -> Chosen:
    return choose(
        FolderSource(folder),
        request(**changes),
        authority_of([ANNA, BERT]),
        words("salt"),
        lambda _done, _all: None,
    )


def typed(text: str, *, session: str = "s") -> bytes:
    """Return an episode of a session in which a text was typed."""
    sample = shared_episode(1)
    edits = table(*(edit(2 + at, at, 0, char) for at, char in enumerate(text)))
    header = sample.header.model_copy(update={"session": session})
    steps = tuple(
        step if seq < 2 else step.model_copy(update={"seq": len(text) + seq})
        for seq, step in enumerate((*sample.steps[:2], sample.steps[-1]))
    )
    return write_episode(Episode(
        header=header, files=sample.files, steps=steps, edits=edits, blobs=sample.blobs[:1]
    ))  # fmt: skip


def test_good_episodes_among_bad_ones_are_chosen_and_the_rest_is_counted(tmp_path: Path) -> None:
    good, copy = content_of(1), content_of(1)
    put(tmp_path, "good", good, ANNA.sign(good))
    put(tmp_path, "good-copy", copy, ANNA.sign(copy))
    put(tmp_path, "unsigned", content_of(2), None)
    put(tmp_path, "stranger", content_of(3), EVE.sign(content_of(3)))
    put(tmp_path, "research", content_of(4), ANNA.sign(content_of(4), purposes=(Purpose.RESEARCH,)))
    put(tmp_path, "garbage", b"garbage", BERT.sign(b"garbage"))
    (tmp_path / "link.episode").symlink_to(tmp_path / "good.episode")
    chosen = chosen_of(tmp_path)
    assert len(chosen.episodes) == 1
    assert chosen.named == {
        "good.episode": "duplicate",
        "unsigned.episode": "not-signed",
        "stranger.episode": "unknown-key",
        "research.episode": "purpose",
        "garbage.episode": "damaged",
        "link.episode": "unreadable",
    }
    assert chosen.left_out.total() == 6


def test_a_later_sign_off_of_the_same_person_replaces_an_earlier_one(tmp_path: Path) -> None:
    first, second = content_of(1), content_of(2)
    record = ANNA.predicate(first).record_id
    put(tmp_path, "first", first, ANNA.sign(first))
    put(tmp_path, "second", second, BERT.sign(second, supersedes=record))
    assert len(chosen_of(tmp_path).episodes) == 2, "another person replaces nothing"
    put(tmp_path, "second", second, ANNA.sign(second, supersedes=record))
    assert chosen_of(tmp_path).named == {"first.episode": "superseded"}


def test_of_one_session_reviewed_twice_the_one_signed_last_is_chosen(tmp_path: Path) -> None:
    work = "".join(f"x{number} = {number * 7919}\n" for number in range(20))
    once, more = typed(work), typed(f"{work}# and more \U0001f600\U0001f603\n")
    put(tmp_path, "a", once, ANNA.sign(once, event_time="2026-11-02T00:00:00Z"))
    put(tmp_path, "b", more, ANNA.sign(more, event_time="2026-11-01T00:00:00Z"))
    assert chosen_of(tmp_path).named == {"b.episode": "same-session"}
    assert chosen_of(tmp_path, splits={"train": 500, "test": 500}).named == {
        "b.episode": "same-session"
    }


def test_two_tasks_of_one_session_and_one_task_of_two_people_are_both_chosen(
    tmp_path: Path,
) -> None:
    work = "".join(f"x{number} = {number * 7919}\n" for number in range(20))
    other = "".join(f"y{number} = {number * 104729}\n" for number in range(20))
    for name, content, person in (
        ("a", typed(work), ANNA),
        ("b", typed(other), ANNA),
        ("c", typed(f"{work}\n"), BERT),
        ("d", typed(f"{work} ", session="another"), ANNA),
    ):
        put(tmp_path, name, content, person.sign(content))
    assert len(chosen_of(tmp_path).episodes) == 4


def test_an_episode_whose_edits_do_not_fit_stops_no_plan(tmp_path: Path) -> None:
    sample = shared_episode(9)
    broken = write_episode(replace(sample, blobs=(b"\xff\xfe\xff", *sample.blobs[1:])))
    put(tmp_path, "broken", broken, ANNA.sign(broken))
    chosen = chosen_of(tmp_path, splits={"train": 500, "test": 500})
    assert chosen.left_out.total() + len(chosen.episodes) == 1
