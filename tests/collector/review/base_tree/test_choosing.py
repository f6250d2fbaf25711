"""What of the base tree a keep takes along follows from plan, episode and tree alone."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest
from tests.independent_reader import states
from tests.support.leaks import leaks_in_bytes, random_secret
from tests.support.typist import Typist

from signoff_collector.episode.content import Episode
from signoff_collector.episode.file.strict import strict_check
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.episode.moments.checking import check_replay
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.redaction.texts.texts import named_paths
from signoff_collector.review.applying.apply import apply
from signoff_collector.review.base_tree.step import tree_row
from signoff_collector.review.base_tree.tree import BaseFile, BaseTree, ExcludedFile
from signoff_collector.review.plan.carrying import Carrying
from signoff_collector.review.plan.value_masks import masks_for_value
from signoff_collector.review.tasks.contents import files_of
from signoff_collector.trees.whole_tree import whole_tree
from signoff_schemas.errors import UsageError
from signoff_schemas.plan import Plan, RangeKeep, WithBase
from signoff_schemas.steps import (
    CheckpointStep,
    DeleteStep,
    FilesStep,
    RenameStep,
    SaveStep,
    ViewStep,
)

CLIENT = "plankton-" + random_secret(81, 12)
A = "# 😀🦊\nfirst = 1\n"
LONG = "".join(f"line_{number} = {number}\n" for number in range(40)) + "# 𝄞🎉\n"
BASE_SHA256 = "a" * 64
FILES = {
    "a.py": A,
    "docs/client.md": f"for {CLIENT} 😀\n",
    "gone.py": "gone = True\n",
    "lib/b.py": "second = 2\n",
    "long.py": LONG,
    "other.py": "third = 3\n",
}


def tree_of(files: dict[str, str] | None = None, *, staying: int = 2) -> BaseTree:
    """Return a base tree of some texts."""
    held = FILES if files is None else files
    return BaseTree(
        commit="c" * 40,
        is_public=False,
        files=tuple(
            BaseFile(path=path, mode="100644", content=held[path].encode()) for path in sorted(held)
        ),
        staying=tuple(
            ExcludedFile(path=f"stays{number}", why="secret", line=1) for number in range(staying)
        ),
    )


def session() -> Typist:
    """Type in one file, look at the head of another, delete a third; then two later steps."""
    typist = Typist()
    typist.open("a.py", A)
    typist.type_at_end("a.py", f"client = '{CLIENT}'\n")
    typist.save("a.py")
    typist.open("long.py", LONG)
    typist.add(ViewStep, path="long.py", buffer=0, visible=[{"first": 0, "last": 3}])
    typist.add(DeleteStep, path="gone.py")
    typist.type_at_end("a.py", "more = 1\n")
    typist.save("a.py")
    return typist


def plan_of(episode: Episode, tree: BaseTree, **changed: object) -> Plan:
    keep = RangeKeep(from_seq=0, to_seq=episode.step_count - 1)
    fields: dict[str, object] = {"base_sha256": BASE_SHA256, "seed": "5" * 64}
    return Plan.model_validate({**fields, "keeps": (keep,), "with_base": tree.wanted(), **changed})


def shared(episode: Episode, tree: BaseTree, **changed: object) -> Episode:
    """Return what a plan gives, as it is read back from its bytes."""
    (made,) = apply(plan_of(episode, tree, **changed), episode, tree)
    read = strict_check(write_episode(made))
    assert check_replay(read).mismatches == ()
    return read


def carried(episode: Episode) -> set[str]:
    step = episode.steps[0]
    assert isinstance(step, FilesStep)
    assert step.is_tree
    assert step.is_base
    return {item.path for item in step.changed}


def disk(episode: Episode, seq: int) -> dict[str, str]:
    files = whole_tree(Moments(episode), seq, None, is_disk=True).files
    return {path: file.content.decode() for path, file in files.items()}


def test_the_tree_of_every_moment_is_whole() -> None:
    typist = session()
    made = shared(typist.episode(), tree_of())
    assert carried(made) == set(FILES)
    assert disk(made, 0) == FILES
    assert disk(made, made.step_count - 1) == {
        **{path: text for path, text in FILES.items() if path != "gone.py"},
        "a.py": typist.disk["a.py"],
    }
    assert tree_row(made) == {"files": 6, "size_bytes": len("".join(FILES.values()).encode()),
                              "withheld": 2}  # fmt: skip


def test_a_reader_of_the_format_alone_finds_the_same_files() -> None:
    made = shared(session().episode(), tree_of())
    moments = Moments(made)
    for step, on_disk, *_ in states(write_episode(made)):
        seq = step["seq"]
        expected = {path: moments.disk_bytes(path, seq) for path in moments.disk_paths(seq)}
        assert on_disk == {path: data for path, data in expected.items() if data is not None}


def test_files_of_the_base_are_not_among_what_was_done() -> None:
    made = shared(session().episode(), tree_of())
    assert {file.path for file in files_of(made)} == {"a.py", "long.py"}
    assert {file.path: file.edits for file in files_of(made)}["long.py"] == 0


def test_a_file_that_goes_along_as_it_was_opened_needs_no_masked_lines() -> None:
    episode = session().episode()
    tree = tree_of()
    assert "line_39" in str(shared(episode, tree).blobs)
    place = [file.path for file in tree.files].index("long.py")
    narrowed = shared(episode, tree, with_base=tree.wanted([place]))
    assert "line_39" not in str(narrowed.blobs)
    assert "REDACTED_UNVIEWED_1" in str(narrowed.blobs)


def test_what_the_plan_masks_keeps_a_file_here() -> None:
    episode = session().episode()
    found = masks_for_value(CLIENT, episode)
    (made,) = apply(
        plan_of(episode, tree_of(), mask_texts=found.texts, mask_fields=found.fields),
        episode,
        tree_of(),
    )
    assert carried(made) == set(FILES) - {"docs/client.md", "a.py"}  # a.py is masked itself
    assert leaks_in_bytes(write_episode(made), [CLIENT]) == []


def test_cut_files_and_those_under_their_other_names_stay() -> None:
    typist = session()
    typist.add(RenameStep, path="lib/new.py", old_path="lib/b.py")
    episode = typist.episode()
    made = shared(episode, tree_of(), cut_files=(0,))
    assert carried(made) == set(FILES) - {"a.py"}
    assert "second = 2\n" in disk(made, made.step_count - 1)["lib/new.py"]


def test_a_cut_file_stays_under_the_name_that_the_base_has_for_it() -> None:
    typist = session()
    typist.add(RenameStep, path="lib/new.py", old_path="lib/b.py")
    episode = typist.episode()
    cut = named_paths(episode).index("lib/new.py")
    made = shared(episode, tree_of(), cut_files=(cut,))
    assert carried(made) == set(FILES) - {"lib/b.py"}
    assert "second" not in str(made.blobs)


def test_another_unicode_form_and_a_piece_of_what_is_masked_keep_a_file_here() -> None:
    name, value = "Z\u00fcrich-\u00c9cole", random_secret(82, 24)
    held = {
        **FILES,
        "decomposed.md": f"for {unicodedata.normalize('NFD', name)} 😀\n",
        "piece.md": f"it ends with {value[10:18]} 𝄞\n",
    }
    typist = session()
    typist.type_at_end("a.py", f"# {name}\n# {value}\n")
    typist.save("a.py")
    episode, tree = typist.episode(), tree_of(held)
    found = [masks_for_value(one, episode) for one in (name, value)]
    (made,) = apply(
        plan_of(episode, tree, mask_texts=(*found[0].texts, *found[1].texts)), episode, tree
    )
    assert carried(made) == set(FILES) - {"a.py"}
    assert leaks_in_bytes(write_episode(made), [name, value]) == []


def test_a_file_that_was_gone_before_the_kept_steps_is_not_brought_back() -> None:
    episode = session().episode()
    deleted = next(step.seq for step in episode.steps if isinstance(step, DeleteStep))
    keep = RangeKeep(from_seq=deleted + 1, to_seq=episode.step_count - 1)
    made = shared(episode, tree_of(), keeps=(keep,))
    assert carried(made) == set(FILES) - {"gone.py"}
    assert "gone.py" not in disk(made, made.step_count - 1)
    row = tree_row(made)
    assert row is not None
    assert row["withheld"] == 2


def test_a_file_that_goes_in_steps_left_out_is_said_to_be_gone() -> None:
    episode = session().episode()
    deleted = next(step.seq for step in episode.steps if isinstance(step, DeleteStep))
    keep = {"ranges": [
        {"from_seq": 0, "to_seq": deleted - 1},
        {"from_seq": deleted + 1, "to_seq": episode.step_count - 1},
    ]}  # fmt: skip
    made = shared(episode, tree_of(), keeps=(keep,))
    assert "gone.py" in disk(made, 0)
    assert "gone.py" not in disk(made, made.step_count - 1)


def test_a_file_that_was_opened_with_another_text_is_not_claimed_to_be_the_base() -> None:
    tree = tree_of({**FILES, "a.py": "another = 1\n"})
    made = shared(session().episode(), tree)
    assert "a.py" not in carried(made)
    assert "another" not in str(made.blobs)


def test_unticked_and_strange_files_stay_until_the_person_says_otherwise() -> None:
    episode = session().episode()
    plain = tree_of()
    files = tuple(
        replace(file, unknown_word_line=1) if file.path == "other.py" else file
        for file in plain.files
    )
    tree = replace(plain, files=files)
    places = {file.path: place for place, file in enumerate(tree.files)}
    assert carried(shared(episode, tree)) == set(FILES) - {"other.py"}
    chosen = tree.wanted([places["lib/b.py"]], [places["other.py"]])
    made = shared(episode, tree, with_base=chosen)
    assert carried(made) == set(FILES) - {"lib/b.py"}
    row = tree_row(made)
    assert row is not None
    assert row["withheld"] == 3


def test_two_bases_that_differ_in_a_file_left_out_give_the_same_bytes() -> None:
    episode = session().episode()
    one = tree_of()
    stays = (
        ExcludedFile(path="secrets/one.py", why="secret", line=4, size_bytes=100),
        ExcludedFile(path="b", why="binary", size_bytes=7),
    )
    other = replace(one, staying=stays, commit="d" * 40)
    assert one.wanted() == other.wanted()
    made = [
        [write_episode(found) for found in apply(plan_of(episode, tree), episode, tree)]
        for tree in (one, other)
    ]
    assert made[0] == made[1]


def test_tree_hashes_cover_what_goes_along() -> None:
    typist = session()
    typist.add(CheckpointStep, tree_sha256="1" * 64)
    typist.add(SaveStep, path="a.py", buffer=0)
    episode = typist.episode()
    one = shared(episode, tree_of())
    other = shared(episode, tree_of({**FILES, "other.py": "third = 4\n"}))
    hashes = [
        [step.tree_sha256 for step in made.steps if isinstance(step, CheckpointStep)]
        for made in (one, other)
    ]
    assert hashes[0] != hashes[1]


@pytest.mark.parametrize(
    "wanted",
    [
        WithBase(list_sha256="f" * 64),
        WithBase(list_sha256=tree_of().sha256, leave_out=(6,)),
        WithBase(list_sha256=tree_of().sha256, take_in=(1, 99)),
        WithBase(list_sha256=tree_of({**FILES, "new.py": ""}).sha256),
    ],
)
def test_a_plan_for_another_list_is_refused(wanted: WithBase) -> None:
    episode, tree = session().episode(), tree_of()
    with pytest.raises(UsageError):
        apply(plan_of(episode, tree, with_base=wanted), episode, tree)


def test_a_plan_that_takes_the_base_along_is_refused_where_nobody_gave_it() -> None:
    episode, tree = session().episode(), tree_of()
    with pytest.raises(UsageError):
        apply(plan_of(episode, tree), episode)


def test_without_the_choice_nothing_of_the_base_is_shared() -> None:
    episode, tree = session().episode(), tree_of()
    plan = plan_of(episode, tree, with_base=None)
    assert [write_episode(one) for one in apply(plan, episode, tree)] == [
        write_episode(one) for one in apply(plan, episode)
    ]
    (made,) = apply(plan, episode, tree)
    assert tree_row(made) is None


def test_what_differed_unseen_is_counted_where_no_kept_step_tells_of_it() -> None:
    typist = Typist()
    dirty = {"path": "other.py", "mode": "100644", "blob": typist.blob(b"secret plans\n"),
             "sha256": "7" * 64, "size_bytes": 13}  # fmt: skip
    typist.add(FilesStep, is_base=True, changed=[dirty], changed_count=1)
    typist.open("a.py", A)
    typist.type_at_end("a.py", "more = 1\n")
    typist.save("a.py")
    episode = typist.episode()
    later = RangeKeep(from_seq=1, to_seq=episode.step_count - 1)
    told = [
        tree_row(shared(episode, tree_of())),
        tree_row(shared(episode, tree_of(), keeps=(later,))),
    ]
    assert [row and row["withheld"] for row in told] == [2, 3]
    assert "secret plans" not in str(shared(episode, tree_of(), keeps=(later,)).blobs)


def test_after_unmasking_the_base_tree_has_to_be_chosen_again() -> None:
    episode, tree = session().episode(), tree_of()
    same = list(range(episode.step_count))
    carrying = Carrying(episode, episode, origins=(same, same))
    assert carrying.plan(plan_of(episode, tree), "b" * 64).with_base is None
    assert carrying.lost == ["the files of the base tree, to be chosen again"]
