"""What becomes an action, of whom, and how much of it a trainer should learn."""

from __future__ import annotations

import pytest
from tests.support.episodes import ASTRAL, MS, SOURCE, Edit, edit, header, sha256, table

from signoff_collector.episode.content import Episode, encode_text
from signoff_datasets.actions.action import Action, Change, FileState
from signoff_datasets.actions.changes import carry_out
from signoff_datasets.actions.reaching import reach
from signoff_datasets.actions.trace import trace
from signoff_schemas.errors import DamagedError, UsageError
from signoff_schemas.header import Imported
from signoff_schemas.steps import parse_step
from signoff_schemas.words import BASES, Basis

OPENED = f"one {ASTRAL}\ntwo\nthree\n"


def episode_of(
    rows: list[dict[str, object]], *edits: Edit, blobs: tuple[bytes, ...] = (), **more: object
) -> Episode:
    """Return an episode of one file; every row that has no `path` is about `a.txt`."""
    steps = tuple(
        parse_step({"t_ns": 0, "source": SOURCE, "path": "a.txt", "buffer": 1, **row})
        for row in rows
    )
    return Episode(
        header=header(**more),
        files=("a.txt",),
        steps=steps,
        edits=table(*edits),
        blobs=(encode_text(OPENED), *blobs),
    )


def opened(seq: int = 0, **more: object) -> dict[str, object]:
    return {"kind": "open", "seq": seq, "blob": 0, **more}


def actions_of(episode: Episode) -> list[Action]:
    found = trace(episode)
    assert reach(episode, found).is_whole
    return [one for one in found.actions if one.kind != "open_file"]


def test_a_burst_is_done_when_it_was_typed_if_nothing_looked_before_the_save() -> None:
    rows = [opened(), {"kind": "search", "seq": 2, "query": "q", "scope": "file"}]
    rows += [{"kind": "save", "seq": 3}]
    first, second = actions_of(episode_of(rows, edit(1, 0, 3, "won")))
    assert (first.kind, first.place, first.typed) == ("str_replace", 1, 3)
    assert (second.kind, second.text) == ("search", "q")


def test_a_burst_is_done_at_its_save_if_a_test_run_did_not_see_it() -> None:
    rows = [opened(), {"kind": "command", "seq": 2, "argv": ["make"], "exit_code": 2}]
    rows += [{"kind": "save", "seq": 3}]
    run, typed = actions_of(episode_of(rows, edit(1, 0, 3, "won")))
    assert (run.kind, run.text, run.observation.exit_code) == ("bash", "make", 2)
    assert (typed.kind, typed.seq_first, typed.place) == ("str_replace", 1, 3)


def test_what_a_command_did_to_files_comes_with_the_command() -> None:
    disk = [{"path": "a.txt", "blob": 1}, {"path": "gone.txt", "sha256": None}]
    rows = [opened(), {"kind": "command", "seq": 1, "line": "sed -i s/two/2/ a.txt", "disk": disk}]
    (run,) = actions_of(episode_of(rows, blobs=(OPENED.replace("two", "2").encode(),)))
    assert [(one.name, one.old, one.new) for one in run.changes] == [
        ("str_replace", "two\n", "2\n")
    ]


def test_a_change_of_nobody_is_kept_and_not_called_a_persons() -> None:
    rows = [opened(), {"kind": "files", "seq": 1, "changed": [{"path": "a.txt", "blob": 1}]}]
    (patch,) = actions_of(episode_of(rows, blobs=(b"other\n",)))
    assert (patch.kind, patch.author.cls, patch.author.is_person) == (
        "apply_patch",
        "unknown",
        False,
    )
    assert (patch.weight, patch.zero_because) == (0, ("author",))


def test_a_change_beneath_a_buffer_is_not_called_the_persons_when_it_is_saved() -> None:
    rows = [opened(), {"kind": "files", "seq": 1, "changed": [{"path": "a.txt", "blob": 1}]}]
    rows += [{"kind": "save", "seq": 3}]
    last = actions_of(episode_of(rows, edit(2, 0, 3, "won"), blobs=(b"other\n",)))[-1]
    assert (last.author.cls, last.weight) == ("mixed", 0)


@pytest.mark.parametrize(
    ("form", "content"),
    [
        ({"eol": "crlf"}, OPENED.replace("\n", "\r\n").encode()),
        ({"bom": True}, b"\xef\xbb\xbf" + OPENED.encode()),
        ({"last_line": "without"}, OPENED.encode()[:-1]),
        ({"last_line": "with"}, OPENED.encode() + b"\n"),
        ({"encoding": "utf-16-le", "bom": True}, b"\xff\xfe" + OPENED.encode("utf-16-le")),
    ],
    ids=str,
)
def test_a_file_is_changed_in_the_form_it_has_on_disk(
    form: dict[str, object], content: bytes
) -> None:
    rows = [opened(form=form), {"kind": "save", "seq": 2, "form": form}]
    episode = episode_of(rows, edit(1, 0, 3, "won"))
    assert trace(episode).start["a.txt"].content == content
    (typed,) = actions_of(episode)
    assert (typed.typed, typed.weight) == (3, 1)


def test_halves_of_a_character_are_one_change_where_the_file_holds_the_whole() -> None:
    rows = [opened(), {"kind": "focus", "seq": 2, "gained": True}, {"kind": "save", "seq": 4}]
    edits = (edit(1, 0, 0, "\ud83d"), edit(3, 0, 1, "\U0001f642"))
    (typed,) = actions_of(episode_of(rows, *edits))
    assert typed.changes[0].new == f"\U0001f642one {ASTRAL}\n"
    assert (typed.seq_first, typed.seq_last, typed.weight) == (1, 3, 1)


def test_line_separators_within_a_line_do_not_part_it() -> None:
    rows = [opened(), {"kind": "save", "seq": 2}]
    (typed,) = actions_of(episode_of(rows, edit(1, 1, 0, "\u2028\x0c\x85")))
    assert typed.changes[0].new == f"o\u2028\x0c\x85ne {ASTRAL}\n"


def test_a_link_and_a_mode_are_made_as_they_were() -> None:
    disk = [{"path": "link", "blob": 1, "mode": "120000"}, {"path": "a.txt", "mode": "100755"}]
    rows = [opened(), {"kind": "command", "seq": 1, "line": "chmod", "disk": disk}]
    rows += [{"kind": "files", "seq": 2, "changed": [{"path": "a.txt", "mode": "100644"}]}]
    episode = episode_of(rows, blobs=(b"a.txt",))
    found = reach(episode, trace(episode))
    assert found.is_whole
    assert found.files["link"] == FileState(content=b"a.txt", mode="120000")


def test_a_name_of_every_byte_is_a_name() -> None:
    name = "".join(map(chr, [*range(1, 47), *range(48, 128)])) + "\udcff"
    rows = [{"kind": "create", "seq": 0, "path": name, "blob": 0}]
    rows += [{"kind": "rename", "seq": 1, "path": "b", "old_path": name}]
    made, moved = actions_of(episode_of(rows))
    assert (made.kind, made.path) == ("create", name)
    assert (moved.changes[0].path, moved.changes[0].new) == (name, "b")


def test_what_was_closed_without_saving_is_counted_and_does_nothing() -> None:
    rows = [opened(), {"kind": "close", "seq": 2}]
    found = trace(episode_of(rows, edit(1, 0, 3, "won")))
    assert [one.kind for one in found.actions] == ["open_file"]
    assert [(one.path, one.first) for one in found.discarded] == [("a.txt", 1)]


def test_what_is_unsaved_at_the_end_comes_last_and_says_so() -> None:
    typed = actions_of(episode_of([opened()], edit(1, 0, 3, "won")))[-1]
    assert (typed.kind, typed.is_unsaved, typed.place) == ("str_replace", True, 2)


def test_where_another_tool_knows_no_saves_an_edit_is_done_before_the_run_behind_it() -> None:
    rows = [opened(), {"kind": "command", "seq": 2, "line": "pytest"}]
    typed = edit(1, 0, 3, "won")
    told = {"origin": "imported", "imported": Imported(format="crowd-code-1")}
    found = actions_of(episode_of(rows, typed, **told))
    assert [one.kind for one in found] == ["str_replace", "bash"]
    assert [one.kind for one in actions_of(episode_of(rows, typed))] == ["bash", "str_replace"]
    later: dict[str, object] = {"kind": "save", "seq": 3}
    saved = actions_of(episode_of([*rows, later], typed, **told))
    assert [one.kind for one in saved] == ["bash", "str_replace"]


def test_what_a_mask_stands_in_is_not_learnt() -> None:
    rows = [opened(), {"kind": "save", "seq": 2}]
    typed = edit(1, 0, 3, "REDACTED_TOKEN_1")
    (masked,) = actions_of(episode_of(rows, typed, masks={"REDACTED_TOKEN_1": "opaque"}))
    (plain,) = actions_of(episode_of(rows, typed, masks={"REDACTED_TOKEN_12": "opaque"}))
    assert (masked.weight, masked.zero_because) == (0, ("placeholder",))
    assert plain.weight == 1


@pytest.mark.parametrize("actor", ["assistant", "formatter", "git", "external", "unknown"])
def test_what_is_not_a_persons_is_not_learnt(actor: str) -> None:
    from signoff_schemas.words import ACTOR_CLASSES, ActorClass

    number = ACTOR_CLASSES.index(ActorClass(actor))
    rows = [opened(), {"kind": "save", "seq": 2}]
    (done,) = actions_of(episode_of(rows, edit(1, 0, 3, "won", actor=number)))
    assert (done.author.cls, done.weight) == (actor, 0)


def test_the_persons_own_words_are_learnt_and_what_an_importer_noted_is_not() -> None:
    rows: list[dict[str, object]] = [
        {"kind": "task", "seq": 0, "text": ASTRAL},
        {"kind": "note", "seq": 1, "text": ASTRAL},
        {"kind": "task", "seq": 2, "text": ASTRAL, "origin": "agent_prompt"},
    ]
    told, imported = Imported(format="asciicast"), [("unknown", 0)] * 3
    assert [(one.author.cls, one.weight) for one in actions_of(episode_of(rows))] == [
        ("typed", 1), ("typed", 1), ("unknown", 0)
    ]  # fmt: skip
    found = actions_of(episode_of(rows, origin="imported", imported=told))
    assert [(one.author.cls, one.weight) for one in found] == imported


@pytest.mark.parametrize(("basis", "weight"), [("observed", 1), ("inferred", 0), ("none", 0)])
def test_of_an_imported_episode_only_what_was_observed_is_learnt(basis: str, weight: int) -> None:
    rows = [opened(), {"kind": "save", "seq": 2}]
    rows += [{"kind": "command", "seq": 3, "line": "ls",
              "actor": {"class": "typed", "basis": basis}}]  # fmt: skip
    typed = edit(1, 0, 3, "won", basis=BASES.index(Basis(basis)))
    found = actions_of(episode_of(rows, typed, imported=Imported(format="crowd-code")))
    assert [(one.kind, one.weight) for one in found] == [("str_replace", weight), ("bash", weight)]


def test_an_episode_without_times_gives_none() -> None:
    rows = [opened(), {"kind": "save", "seq": 2}]
    typed = edit(1, 0, 3, "won", t_ms=7)
    (timed,) = actions_of(episode_of(rows, typed))
    (without,) = actions_of(episode_of(rows, typed, time_resolution="none"))
    assert (timed.t_ns, without.t_ns) == (7 * MS, None)


def test_a_task_begins_with_the_files_that_the_one_before_left() -> None:
    rows: list[dict[str, object]] = [opened()]
    rows += [{"kind": "save", "seq": 2}, {"kind": "git", "seq": 3, "operation": "commit"}]
    rows += [{"kind": "save", "seq": 5}, {"kind": "git", "seq": 6, "operation": "commit"}]
    episode = episode_of(rows, edit(1, 0, 3, "won"), edit(4, 0, 3, "wan"))
    second = trace(episode, task=1)
    assert second.start["a.txt"].content.startswith(b"won")
    assert reach(episode, second).is_whole
    with pytest.raises(UsageError, match="no task 2"):
        trace(episode, task=2)
    with pytest.raises(UsageError, match="no task -1"):
        trace(episode, task=-1)


def test_reaching_finds_an_action_that_was_changed() -> None:
    rows = [opened(), {"kind": "save", "seq": 2}]
    episode = episode_of(rows, edit(1, 0, 3, "won"))
    from dataclasses import replace

    found = trace(episode)
    typed = found.actions[-1]
    other = replace(typed, changes=(replace(typed.changes[0], new="else\n"),))
    reached = reach(episode, replace(found, actions=(*found.actions[:-1], other)))
    assert [one.path for one in reached.differences] == ["a.txt", "a.txt"]
    unfit = replace(typed, changes=(replace(typed.changes[0], old="not there\n"),))
    reached = reach(episode, replace(found, actions=(*found.actions[:-1], unfit)))
    assert (reached.actions, reached.done) == (1, 0)


def test_a_tree_hash_that_is_another_is_found() -> None:
    rows = [opened(), {"kind": "checkpoint", "seq": 1, "path": None, "tree_sha256": sha256("x")}]
    reached = reach(episode := episode_of(rows), trace(episode))
    assert (reached.trees, len(reached.differences)) == (1, 1)


def test_a_change_that_does_not_fit_is_damage() -> None:
    files = {"a": FileState(content=b"x x")}
    for change in (
        Change(name="str_replace", path="a", old="x", new="y"),
        Change(name="str_replace", path="a", old="", new="y"),
        Change(name="delete", path="b"),
    ):
        with pytest.raises(DamagedError):
            carry_out(files, change)
