"""Files that differed at the start and were never opened stay out of what is shared (threat 5)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from tests.support.leaks import all_states, leaks_in_bytes, leaks_in_episode, random_secret
from tests.support.typist import Typist

from signoff_collector.episode.content import Episode
from signoff_collector.episode.file.strict import strict_check
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.episode.moments.checking import check_replay
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.episode.moments.tree_hash import tree_sha256, with_tree_hashes
from signoff_collector.redaction.interface import RedactionPolicy
from signoff_collector.redaction.redactor import Redactor
from signoff_collector.redaction.texts.texts import named_paths
from signoff_collector.review.applying.apply import apply
from signoff_collector.review.applying.selection import overlay_paths
from signoff_schemas.errors import UsageError
from signoff_schemas.plan import NamedRepository, Plan, RangeKeep
from signoff_schemas.steps import (
    CheckpointStep,
    CommandStep,
    CreateStep,
    DeleteStep,
    FilesStep,
    OpenStep,
    RenameStep,
    SaveStep,
    StepBase,
    ViewStep,
)
from signoff_schemas.values import DiskFile, DiskForm

SHA256 = "7" * 64


def _session() -> tuple[Typist, str, str]:
    """A dirty file that is opened, one that never is, and a change whose content was not kept."""
    pin, seen = random_secret(31), random_secret(32)
    typist = Typist()
    contents = {"private/pin.txt": f"{pin} 😀🦊\n", "src/a.py": f"{seen} 😀🦊\n"}
    items = [
        {"path": path, "mode": "100644", "blob": typist.blob(text.encode()),
         "sha256": hashlib.sha256(text.encode()).hexdigest(), "size_bytes": len(text.encode())}
        for path, text in contents.items()
    ]  # fmt: skip
    typist.add(FilesStep, is_base=True, changed=items, changed_count=2)
    typist.disk |= contents
    typist.open("src/a.py", contents["src/a.py"])
    typist.type_at_end("src/a.py", "more\n")
    typist.save("src/a.py")
    lacking = {"path": "big/moved.bin", "sha256": SHA256, "mode": "100644", "without_content": True}
    actor = {"class": "external", "basis": "inferred", "evidence": ("command hushhush",)}
    changed = {"changed": [lacking], "changed_count": 1, "resolvable": True, "actor": actor}
    typist.add(FilesStep, **changed)
    typist.add(CheckpointStep, tree_sha256="withheld")
    return typist, pin, seen


def _shared(typist: Typist, **fields: object) -> Episode:
    keep = RangeKeep(from_seq=0, to_seq=typist.seq - 1)
    plan = Plan.model_validate({"base_sha256": "0" * 64, "keeps": [keep], **fields})
    (shared,) = apply(plan, typist.episode())
    data = write_episode(shared)
    assert strict_check(data) == shared
    report = check_replay(shared)
    assert not report.mismatches
    return shared


def _tree(episode: Episode) -> tuple[str | None, int]:
    (step,) = [s for s in episode.steps if isinstance(s, CheckpointStep) and s.tree_sha256]
    return step.tree_sha256, step.seq


def test_a_dirty_file_nobody_opened_is_withheld_with_its_name() -> None:
    typist, pin, seen = _session()
    assert overlay_paths(typist.episode()) == {"private/pin.txt"}
    shared = _shared(typist)
    assert leaks_in_episode(shared, [pin, "private/pin", SHA256]) == []
    assert leaks_in_bytes(write_episode(shared), [pin, "private/pin", SHA256]) == []
    assert Moments(shared).disk("src/a.py", shared.step_count) == f"{seen} 😀🦊\nmore\n"
    base, changed = [step for step in shared.steps if isinstance(step, FilesStep)]
    assert (base.is_base, base.withheld_count) == (True, 1)
    assert (changed.changed, changed.withheld_count) == ((), 1)
    assert changed.actor.evidence == ("command",)


def _stash_and_pop(typist: Typist, blob: int) -> list[str]:
    gone = {"path": "private/pin.txt"}
    typist.add(FilesStep, changed=(gone,), changed_count=1)
    back = {**gone, "blob": blob, "mode": "100644"}
    typist.add(FilesStep, changed=(back,), changed_count=1)
    return ["private/pin"]


def _come_back_alone(typist: Typist, blob: int) -> list[str]:
    typist.add(DeleteStep, path="private/pin.txt")
    typist.add(CreateStep, path="private/pin.txt", blob=blob, mode="100644")
    return ["private/pin"]


def _rename_and_copy(typist: Typist, blob: int) -> list[str]:
    typist.add(RenameStep, path="private/moved.txt", old_path="private/pin.txt")
    copy = {"path": "private/copy.txt", "blob": blob, "mode": "100644"}
    typist.add(FilesStep, changed=(copy,), changed_count=1)
    digest = hashlib.sha256(typist.blobs[blob]).hexdigest()
    typist.add(CheckpointStep, disk=(DiskFile(path="private/moved.txt", sha256=digest),))
    return ["private/pin", "private/moved", "private/copy"]


@pytest.mark.parametrize("act", [_stash_and_pop, _come_back_alone, _rename_and_copy])
def test_a_dirty_file_stays_withheld_where_its_text_only_moved(
    act: Callable[[Typist, int], list[str]],
) -> None:
    typist, pin, _ = _session()
    first = typist.steps[0]
    assert isinstance(first, FilesStep)
    blob = first.changed[0].blob
    assert blob is not None
    names = act(typist, blob)
    shared = _shared(typist)
    hidden = [pin, *names, SHA256, hashlib.sha256(typist.blobs[blob]).hexdigest()]
    assert leaks_in_episode(shared, hidden) == []
    assert leaks_in_bytes(write_episode(shared), hidden) == []
    ticked = _shared(typist, overlay_files=[named_paths(typist.episode()).index("private/pin.txt")])
    assert f"{pin} 😀🦊\n" in all_states(ticked)
    typist.add(FilesStep, changed=({"path": "private/pin.txt", "blob": typist.blob(b"new\n")},))
    changed = _shared(typist)
    assert "new\n" in all_states(changed), "another content is shown: the file changed"


def test_a_file_that_was_only_looked_at_keeps_its_masks_over_stash_and_pop() -> None:
    typist, unseen = Typist(), random_secret(35)
    typist.open("src/a.py", f"seen 😀🦊\n{unseen}\n")
    typist.add(ViewStep, path="src/a.py", buffer=0, visible=({"first": 0, "last": 0},))
    blob = next(step.blob for step in typist.steps if isinstance(step, OpenStep))
    for item in ({"path": "src/a.py"}, {"path": "src/a.py", "blob": blob}):
        typist.add(FilesStep, changed=(item,), changed_count=1)
    shared = _shared(typist)
    assert leaks_in_episode(shared, [unseen]) == []
    assert any("seen 😀🦊" in text for text in all_states(shared))


def test_a_dirty_file_is_shared_when_the_plan_ticks_it() -> None:
    typist, pin, _ = _session()
    file = named_paths(typist.episode()).index("private/pin.txt")
    shared = _shared(typist, overlay_files=[file])
    assert Moments(shared).disk("private/pin.txt", shared.step_count) == f"{pin} 😀🦊\n"
    with pytest.raises(UsageError):
        _shared(typist, overlay_files=[99])


def test_what_changed_on_disk_in_a_pause_is_masked_unless_ticked() -> None:
    typist, _, seen = _session()
    paused = random_secret(34)
    text = f"{seen} 😀🦊\n{paused}\n"
    item = {"path": "src/a.py", "blob": typist.blob(text.encode()), "mode": "100644",
            "sha256": hashlib.sha256(text.encode()).hexdigest()}  # fmt: skip
    step = typist.add(FilesStep, changed=(item,), changed_count=1, while_paused=True)
    assert leaks_in_episode(_shared(typist), [paused]) == []
    ticked = _shared(typist, paused_texts=[step.seq])
    assert Moments(ticked).disk("src/a.py", ticked.step_count) == text


def test_the_tree_of_a_shared_episode_says_nothing_about_what_is_withheld() -> None:
    """The hash is the same whatever the file held: nothing can be guessed against it."""
    trees = set()
    for text in (b"1234", b"9876 and more"):
        typist, _, _ = _session()
        first = typist.steps[0]
        assert isinstance(first, FilesStep)
        hidden = first.changed[0].model_copy(
            update={"blob": typist.blob(text), "sha256": hashlib.sha256(text).hexdigest()}
        )
        typist.steps[0] = first.model_copy(update={"changed": (hidden, first.changed[1])})
        tree, seq = _tree(shared := _shared(typist))
        assert tree == tree_sha256(Moments(shared), seq)
        trees.add(tree)
    assert len(trees) == 1


def test_hashes_of_missing_contents_stay_only_where_the_public_repository_is_named() -> None:
    typist, _, _ = _session()
    typist.add(FilesStep, changed=[{"path": "src/a.py", "sha256": SHA256, "without_content": True}])
    assert _hashes(_shared(typist)) == ["withheld"]
    named = NamedRepository(url="https://example.org/a/b")
    assert _hashes(_shared(typist, name_repository=named)) == [SHA256]


def _hashes(episode: Episode) -> list[str | None]:
    return [
        item.sha256
        for step in episode.steps
        if isinstance(step, FilesStep)
        for item in step.changed
        if item.without_content
    ]


def test_masks_keep_the_form_a_text_has_on_disk() -> None:
    """Hash, size and bytes of a save are those of the shown text in the file's own form."""
    token = "ghp_" + random_secret(33, length=36)
    form = DiskForm(encoding="latin-1", eol="crlf")
    typist = Typist()
    typist.open("a.txt", f"café {token}\n")
    shown = f"café {token}\nmore\n"
    typist.type_at_end("a.txt", "more\n")
    content = shown.replace("\n", "\r\n").encode("latin-1")
    digest = hashlib.sha256(content).hexdigest()
    typist.add(
        SaveStep, path="a.txt", buffer=0, disk_sha256=digest, size_bytes=len(content),
        text_sha256=hashlib.sha256(shown.encode()).hexdigest(), matched=True, form=form,
    )  # fmt: skip
    item = DiskFile(path="a.txt", sha256=digest, size_bytes=len(content))
    typist.add(CommandStep, argv=("make",), disk=(item,))
    typist.add(CheckpointStep, disk=(item,), tree_sha256="withheld")
    episode = with_tree_hashes(Redactor(RedactionPolicy()).redact_episode(typist.episode()))
    assert leaks_in_bytes(write_episode(episode), [token]) == []
    assert not check_replay(episode).mismatches
    save = next(step for step in episode.steps if isinstance(step, SaveStep))
    on_disk = Moments(episode).disk_bytes("a.txt", save.seq)
    assert on_disk is not None
    assert on_disk.startswith(b"caf\xe9 REDACTED_")
    assert on_disk.endswith(b"\r\nmore\r\n")
    assert save.size_bytes == len(on_disk)
    assert [i.sha256 for s in episode.steps for i in _items(s)] == [save.disk_sha256] * 2


def _items(step: StepBase) -> tuple[DiskFile, ...]:
    items: tuple[DiskFile, ...] = getattr(step, "disk", ())
    return items
