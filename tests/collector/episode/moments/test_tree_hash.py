"""One hash for all that an episode knows to be on disk."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.episodes import ASTRAL, episodes, sample_episode

from signoff_collector.episode.content import Episode
from signoff_collector.episode.moments.checking import WHOLE_TREE, check_replay
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.episode.moments.tree_hash import TreeHasher, tree_sha256, with_tree_hashes
from signoff_schemas.steps import (
    CheckpointStep,
    CreateStep,
    DeleteStep,
    FilesStep,
    RenameStep,
    StepBase,
)
from signoff_schemas.values import DiskFile


def _episode(*steps: StepBase) -> Episode:
    numbered = [step.model_copy(update={"seq": place}) for place, step in enumerate(steps)]
    empty = sample_episode()
    return replace(
        empty,
        steps=tuple(numbered),
        edits=empty.edits.select(slice(0, 0)),
        blobs=(ASTRAL.encode(),),
    )


def _step(model: type[StepBase], **fields: object) -> StepBase:
    return model.model_validate({"seq": 0, "t_ns": 0, "source": "files", **fields})


def _everything() -> Episode:
    held = hashlib.sha256(ASTRAL.encode()).hexdigest()
    return _episode(
        _step(CreateStep, path="new.sh", blob=0, mode="100755", disk_sha256=held),
        _step(DeleteStep, path="old.txt"),
        _step(RenameStep, path="to.txt", old_path="from.txt"),
        _step(FilesStep, changed=[DiskFile(path="big.bin", sha256="5" * 64, without_content=True)]),
        _step(FilesStep, changed=[DiskFile(path="run.sh", sha256="withheld", mode="100755")]),
        _step(FilesStep, is_base=True, changed_count=3, withheld_count=3),
        _step(CheckpointStep, tree_sha256="withheld"),
    )


def test_the_hash_is_what_the_page_says() -> None:
    """Computed a second time from the words of docs/format.md, section 7."""
    held = hashlib.sha256(ASTRAL.encode()).hexdigest()
    leaves = [
        ("big.bin", "", "withheld"),
        ("from.txt", "", "gone"),
        ("new.sh", "100755", held),
        ("old.txt", "", "gone"),
        ("run.sh", "100755", "base\0run.sh"),
        ("to.txt", "", "base\0from.txt"),
        ("", "3", "withheld"),
    ]
    lines = "".join(f"{path}\0{mode}\0{leaf}\n" for path, mode, leaf in leaves)
    expected = hashlib.sha256(lines.encode()).hexdigest()
    assert tree_sha256(Moments(_everything()), 6) == expected


def test_the_hash_of_a_content_that_is_not_there_counts_for_nothing() -> None:
    one, other = (
        _episode(
            _step(FilesStep, changed=[DiskFile(path="a", sha256=c * 64, without_content=True)])
        )
        for c in "12"
    )
    assert tree_sha256(Moments(one), 0) == tree_sha256(Moments(other), 0)


def test_check_finds_a_tree_that_is_another() -> None:
    episode = with_tree_hashes(_everything())
    last = episode.steps[-1]
    assert isinstance(last, CheckpointStep)
    assert last.tree_sha256 not in (None, "withheld")
    assert not check_replay(episode).mismatches
    forged = last.model_copy(update={"tree_sha256": "0" * 64})
    (mismatch,) = check_replay(replace(episode, steps=(*episode.steps[:-1], forged))).mismatches
    assert (mismatch.seq, mismatch.path) == (6, WHOLE_TREE)


@settings(max_examples=40)
@given(episodes(), st.data())
def test_moments_in_any_order_have_the_hash_they_have_alone(
    episode: Episode, data: st.DataObject
) -> None:
    moments = Moments(episode)
    asked = data.draw(st.lists(st.integers(-1, episode.step_count), max_size=12))
    hasher = TreeHasher(moments)
    assert [hasher.at(seq) for seq in asked] == [tree_sha256(moments, seq) for seq in asked]


def test_a_tree_of_many_files_is_hashed_by_what_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [
        DiskFile(path=f"many/{n} 🎉", sha256="5" * 64, without_content=True) for n in range(500)
    ]
    one = [DiskFile(path="one 𝄞", sha256="6" * 64, without_content=True)]
    checkpoints = [
        step
        for _ in range(20)
        for step in (
            _step(FilesStep, changed=one),
            _step(CheckpointStep, tree_sha256="withheld"),
        )
    ]
    asked: list[str] = []
    leaf = TreeHasher._leaf

    def counted(hasher: TreeHasher, path: str, seq: int) -> str:
        asked.append(path)
        return leaf(hasher, path, seq)

    monkeypatch.setattr(TreeHasher, "_leaf", counted)
    with_tree_hashes(_episode(_step(FilesStep, changed=many), *checkpoints))
    assert len(asked) <= len(many) + 20
