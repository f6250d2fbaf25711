"""Every state of every file, against replaying one edit after another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.episodes import (
    ASTRAL,
    SOURCE,
    edit,
    header,
    open_episode,
    sample_episode,
    table,
    typing,
)

from signoff_collector.episode.content import Edit, EditTable, Episode, encode_text
from signoff_collector.episode.file.reader import read_episode
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.episode.texts import ImpossibleEditError, TextHistory
from signoff_schemas.errors import DamagedError
from signoff_schemas.steps import (
    CloseStep,
    CreateStep,
    DeleteStep,
    FilesStep,
    OpenStep,
    RenameStep,
    ResyncStep,
    SaveStep,
    StepBase,
)
from signoff_schemas.values import DiskFile


def _step(model: type[StepBase], seq: int, **fields: object) -> StepBase:
    known: dict[str, object] = {"seq": seq, "t_ns": 0, "source": SOURCE}
    if model in (OpenStep, CloseStep, SaveStep):
        known |= {"path": "a.txt", "buffer": 1}
    return model.model_validate(known | fields)


def _moments(steps: list[StepBase], *edits: Edit, blobs: tuple[str, ...] = ()) -> Moments:
    return Moments(
        Episode(
            header=header(),
            files=("a.txt", "b.txt"),
            steps=tuple(steps),
            edits=table(*edits),
            blobs=tuple(map(encode_text, blobs)),
        )
    )


@given(typing())
def test_every_state_is_the_one_that_replaying_gives(
    drawn: tuple[str, list[Edit], list[str]],
) -> None:
    opened, edits, states = drawn
    moments = Moments(read_episode(write_episode(open_episode(opened, edits))))
    assert moments.buffer("a.txt", 1, -1) is None
    assert moments.buffer("a.txt", 1, 0) == opened
    for seq, state in enumerate(states, start=1):
        assert moments.buffer("a.txt", 1, seq) == state


@given(typing(), st.randoms(use_true_random=False))
def test_states_do_not_depend_on_the_order_of_asking(
    drawn: tuple[str, list[Edit], list[str]], random: object
) -> None:
    opened, edits, states = drawn
    moments = Moments(open_episode(opened, edits))
    order = list(range(len(states)))
    random.shuffle(order)  # type: ignore[attr-defined]  # a random.Random
    for place in order:
        assert moments.buffer("a.txt", 1, place + 1) == states[place]


def test_halves_typed_apart_stay_apart() -> None:
    moments = Moments(open_episode("é", [edit(1, 1, 0, "\ud83d"), edit(2, 2, 0, "\ude42")]))
    assert moments.buffer("a.txt", 1, 1) == "é\ud83d"
    assert moments.buffer("a.txt", 1, 2) == "é\ud83d\ude42"


@pytest.mark.parametrize("impossible", [edit(2, 9, 0, "x"), edit(2, 1, 9, ""), edit(2, 3, 1, "y")])
def test_an_edit_beyond_its_text_is_damage_wherever_it_is_asked_for(impossible: Edit) -> None:
    edits = [edit(1, 0, 0, f"a{ASTRAL}"), impossible, edit(3, 0, 0, "z"), edit(4, 1, 0, "z")]
    for seq in (3, 4):
        with pytest.raises(DamagedError, match="does not fit its text"):
            Moments(open_episode("", edits)).buffer("a.txt", 1, seq)


def test_an_edit_of_a_buffer_that_is_not_open_is_damage() -> None:
    with pytest.raises(DamagedError, match="not open"):
        _moments([_step(OpenStep, 1)], edit(0, 0, 0, "x"))
    with pytest.raises(DamagedError, match="1 edits"):
        _moments([_step(OpenStep, 0), _step(CloseStep, 1)], edit(2, 0, 0, "x"))


def test_opening_tells_what_lay_on_disk() -> None:
    moments = _moments([_step(OpenStep, 0, blob=0)], edit(1, 0, 0, ASTRAL), blobs=("old",))
    assert moments.disk("a.txt", 1) == "old"
    assert moments.tree(1) == {"a.txt": f"{ASTRAL}old"}
    assert moments.tree(1, disk=True) == {"a.txt": "old"}
    assert moments.tree(-1) == {}


def test_an_empty_or_anchored_text_says_nothing_about_the_disk() -> None:
    for fields in ({"blob": 0}, {"blob": 1, "reason": "anchor"}):
        moments = _moments([_step(OpenStep, 0, **fields)], blobs=("", "unsaved"))
        assert moments.disk("a.txt", 0) is None
        assert moments.buffer("a.txt", 1, 0) in {"", "unsaved"}


def test_saving_makes_the_disk_text_the_buffers() -> None:
    steps = [_step(OpenStep, 0), _step(SaveStep, 2), _step(CloseStep, 4), _step(OpenStep, 5)]
    moments = _moments(steps, edit(1, 0, 0, ASTRAL), edit(3, 0, 1, ""))
    assert moments.disk("a.txt", 1) is None
    assert moments.disk("a.txt", 3) == ASTRAL
    assert moments.buffer("a.txt", 1, 3) == ASTRAL[1]
    assert moments.buffer("a.txt", 1, 4) is None
    assert moments.tree(4) == {"a.txt": ASTRAL}
    assert moments.buffer("a.txt", 1, 5) == ASTRAL


def test_two_editors_on_one_file_keep_their_own_text() -> None:
    steps = [_step(OpenStep, 0, blob=0), _step(OpenStep, 1, buffer=2)]
    moments = _moments(
        steps, edit(2, 0, 0, "x"), edit(3, 0, 0, "y", buffer=2), edit(4, 1, 0, ASTRAL), blobs=("-",)
    )
    assert moments.buffer("a.txt", 1, 4) == f"x{ASTRAL}-"
    assert moments.buffer("a.txt", 2, 4) == "y-"
    assert moments.tree(3) == {"a.txt": "y-"}
    assert moments.tree(4) == {"a.txt": f"x{ASTRAL}-"}
    assert moments.buffers(3) == (("a.txt", 1), ("a.txt", 2))


def test_changes_on_disk_are_followed() -> None:
    changed = (DiskFile(path="b.txt", sha256="0" * 64, blob=0, mode="100755"),)
    gone = (DiskFile(path="c.txt"),)
    steps = [
        _step(FilesStep, 0, changed=changed),
        _step(RenameStep, 1, path="c.txt", old_path="b.txt"),
        _step(FilesStep, 2, changed=gone),
        _step(CreateStep, 3, path="d.txt"),
        _step(DeleteStep, 4, path="d.txt"),
    ]
    moments = _moments(steps, blobs=("hello",))
    assert moments.tree(0) == {"b.txt": "hello"}
    assert moments.mode("b.txt", 0) == "100755"
    assert moments.tree(1) == {"c.txt": "hello"}
    assert moments.gone(1) == {"b.txt"}
    assert moments.tree(2) == {}
    assert moments.tree(3) == {"d.txt": ""}
    assert moments.gone(4) == {"b.txt", "c.txt", "d.txt"}


def test_a_file_seen_as_replayed_stays_as_it_is() -> None:
    seen = (DiskFile(path="a.txt", sha256="0" * 64),)
    moments = _moments(
        [_step(OpenStep, 0, blob=0), _step(FilesStep, 1, changed=seen)], blobs=("t",)
    )
    assert moments.disk("a.txt", 1) == "t"


def test_a_resync_replaces_the_text_from_there_on() -> None:
    resync = {"path": "a.txt", "buffer": 1, "reason": "mismatch"}
    steps = [
        _step(OpenStep, 0, blob=0),
        _step(ResyncStep, 2, **resync, target="buffer", blob=1),
        _step(ResyncStep, 4, **resync, target="disk", blob=1),
        _step(ResyncStep, 5, **resync, target="disk"),
        _step(ResyncStep, 6, **resync, target="buffer"),
    ]
    moments = _moments(steps, edit(1, 0, 0, "x"), edit(3, 1, 0, ASTRAL), blobs=("old", "new"))
    assert [moments.buffer("a.txt", 1, seq) for seq in (1, 2, 3)] == ["xold", "new", f"n{ASTRAL}ew"]
    assert [moments.disk("a.txt", seq) for seq in (3, 4, 5)] == ["old", "new", None]
    assert moments.buffer("a.txt", 1, 6) is None


def test_bytes_that_are_no_text_stay_bytes() -> None:
    moments = Moments(sample_episode())
    assert moments.disk("new.bin", 16) == b"\xff\x00"
    opened = _step(OpenStep, 0, blob=0)
    episode = Episode(header=header(), files=("a.txt",), steps=(opened,), blobs=(b"\xff",))
    with pytest.raises(DamagedError, match="not text"):
        Moments(episode).buffer("a.txt", 1, 0)


def test_a_blob_that_is_not_there_is_damage() -> None:
    episode = sample_episode()
    with pytest.raises(DamagedError, match="blob"):
        Moments(replace(episode, blobs=()))


def test_a_long_history_with_many_places_is_followed() -> None:
    random = np.random.default_rng(7)
    text, edits = "", list[Edit]()
    for number in range(3000):
        start = int(random.integers(0, len(text) + 1))
        deleted = int(min(random.integers(0, 4), len(text) - start))
        put = "" if number % 3 == 0 else ASTRAL[number % 2] * int(random.integers(0, 4))
        text = text[:start] + put + text[start + deleted :]
        edits.append(edit(number + 1, start, deleted, put))
    moments = Moments(open_episode("", edits))
    assert moments.buffer("a.txt", 1, 3000) == text
    half = moments.buffer("a.txt", 1, 1500)
    for step in edits[1500:]:
        half = half[: step.start] + step.text + half[step.start + step.deleted :]  # type: ignore[index]  # it is open
    assert half == text


def test_an_impossible_edit_is_named_by_its_place() -> None:
    edits = EditTable.from_rows([edit(0, 0, 0, "ab"), edit(1, 5, 0, "c")])
    history = TextHistory(
        initial="", start=edits.start, deleted=edits.deleted, inserted=edits.inserted, text="abc"
    )
    with pytest.raises(ImpossibleEditError) as caught:
        history.after(2)
    assert caught.value.index == 1
