"""What an editor did to files: with a watcher it is the reason, without one it is the step."""

from __future__ import annotations

import pytest
from tests.support.seal_journals import ROOT, START_BOOT_NS, Journal, S, gathered_for, sha256, sound

from signoff_collector.capture.journal.journal_frames import RecordKind
from signoff_collector.seal.assemble import assemble
from signoff_schemas.steps import CreateStep, DeleteStep, RenameStep, StepBase
from signoff_schemas.words import ActorClass, Basis

TEXT = "one 😀🦊\n"
METHODS = {
    "create": "workspace/didCreateFiles",
    "rename": "workspace/didRenameFiles",
    "delete": "workspace/didDeleteFiles",
}
AT_S = 20


def _editor(at_s: float) -> Journal:
    journal = Journal("lsp", 100)
    journal.t_boot_ns = START_BOOT_NS + int((at_s - 0.1) * S)
    return journal


def _tell(journal: Journal, kind: str, path: str, old_path: str | None = None) -> None:
    named = {"path": f"{ROOT}/{path}"}
    if old_path is not None:
        named["old_path"] = f"{ROOT}/{old_path}"
    actor = {"class": "command", "basis": "observed", "evidence": [METHODS[kind]]}
    journal.step(kind, actor=actor, **named)


def _item(path: str, *, is_there: bool = True) -> dict[str, object]:
    mode = "100644" if is_there else None
    digest = sha256(TEXT) if is_there else None
    size = len(TEXT.encode()) if is_there else None
    return {"path": path, "sha256": digest, "size_bytes": size, "mode": mode}


def _watcher(*entries: dict[str, object]) -> Journal:
    journal = Journal("files", 300)
    body = {"t_boot_ns": journal.t_boot_ns, "reason": "start", "head": None,
            "entries": list(entries), "is_complete": True}  # fmt: skip
    journal.add(RecordKind.TREE, body)
    return journal


def _burst(journal: Journal, *changed: dict[str, object], **more: object) -> None:
    journal.t_boot_ns = START_BOOT_NS + AT_S * S
    body = {"t_boot_ns": journal.t_boot_ns, "first_boot_ns": journal.t_boot_ns,
            "changed": list(changed), "renamed": [], "count": len(changed), "is_bulk": False,
            "resolvable": None, "is_rescan": False, **more}  # fmt: skip
    journal.add(RecordKind.FILES, body)


def _steps(*journals: Journal) -> list[StepBase]:
    content = TEXT.encode()
    episode = assemble(
        [journal.records() for journal in journals],
        gathered_for(),
        lambda digest: content if digest == sha256(TEXT) else None,
    )
    kinds = (CreateStep, RenameStep, DeleteStep)
    return [step for step in sound(episode).steps if isinstance(step, kinds)]


@pytest.mark.parametrize("apart_s", [-3, -0.2, 0.2, 3])
def test_a_rename_that_both_saw_is_one_step_with_the_editors_reason(apart_s: float) -> None:
    editor = _editor(AT_S + apart_s)
    _tell(editor, "rename", "new.py", "old.py")
    watcher = _watcher(_item("old.py"))
    _burst(watcher, _item("new.py"), renamed=[["old.py", "new.py"]])
    (step,) = _steps(editor, watcher)
    assert isinstance(step, RenameStep)
    assert (step.source, step.path, step.old_path) == ("files", "new.py", "old.py")
    assert (step.actor.cls, step.actor.basis) == (ActorClass.COMMAND, Basis.OBSERVED)
    assert step.actor.evidence == ("workspace/didRenameFiles",)


def test_a_deletion_that_both_saw_is_one_step_with_the_editors_reason() -> None:
    editor = _editor(AT_S + 0.2)
    _tell(editor, "delete", "old.py")
    watcher = _watcher(_item("old.py"))
    _burst(watcher, _item("old.py", is_there=False))
    (step,) = _steps(editor, watcher)
    assert isinstance(step, DeleteStep)
    assert step.actor.cls is ActorClass.COMMAND


def test_what_the_editor_did_to_one_file_does_not_explain_another() -> None:
    editor = _editor(AT_S)
    _tell(editor, "delete", "old.py")
    watcher = _watcher(_item("old.py"), _item("b.py"))
    _burst(watcher, _item("b.py", is_there=False))
    told = {step.path: step.actor.cls for step in _steps(editor, watcher)}
    assert told == {"b.py": ActorClass.EXTERNAL, "old.py": ActorClass.COMMAND}


def test_an_operation_long_before_explains_nothing() -> None:
    editor = _editor(AT_S - 8)
    _tell(editor, "delete", "old.py")
    watcher = _watcher(_item("old.py"))
    _burst(watcher, _item("old.py", is_there=False))
    assert {step.source for step in _steps(editor, watcher)} == {"bridge:1"}


@pytest.mark.parametrize("kind", ["create", "rename", "delete"])
def test_without_a_watcher_the_editors_step_stands(kind: str) -> None:
    editor = _editor(AT_S)
    _tell(editor, kind, "new.py", "old.py" if kind == "rename" else None)
    (step,) = _steps(editor)
    assert (step.path, step.actor.cls) == ("new.py", ActorClass.COMMAND)
    assert step.actor.evidence == (METHODS[kind],)
