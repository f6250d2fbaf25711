"""Describe a step in one line, the same in every verb that lists steps."""

from __future__ import annotations

import shlex
from collections import Counter
from typing import TYPE_CHECKING, Final, assert_never

from signoff_collector.replay.masking import unmasked
from signoff_schemas.shown_words import correction_words
from signoff_schemas.steps import (
    AgentStep,
    AssistStep,
    CheckpointStep,
    CommandStep,
    DiagnosticsStep,
    EnvironmentStep,
    FilesStep,
    FileStep,
    FocusStep,
    GapStep,
    GitStep,
    NoteStep,
    RenameStep,
    ResyncStep,
    SaveStep,
    SearchStep,
    SelectStep,
    TaskStep,
    TestsStep,
    UnknownStep,
    ViewStep,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_collector.episode.content import Edit
    from signoff_collector.levels.chapters import Chapter
    from signoff_schemas.header import EpisodeHeader
    from signoff_schemas.steps import AnyStep

_WIDTH: Final = 60
_SECOND_NS: Final = 1_000_000_000


def clock_text(t_ns: int) -> str:
    """Return a time since the start as h:mm:ss."""
    seconds = t_ns // 1_000_000_000
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def chapter_words(chapter: Chapter, mask: Callable[[str], str] = unmasked) -> str:
    """Return a chapter in words; its kind is part of a title but for a task's."""
    word = "task: " if chapter.kind == "task" else ""
    outcome = f" — {chapter.outcome}" if chapter.kind == "task" and chapter.outcome else ""
    return f"{word}{short(mask(chapter.title))}{outcome}"


def coverage_lines(header: EpisodeHeader) -> list[str]:
    """Return what each source could observe, one line each, with its time range."""
    lines: list[str] = []
    for span in header.observability:
        seen = {
            name: str(value)
            for name, value in span.model_dump(mode="json").items()
            if name not in {"source", "from_ns", "to_ns"} and value != "none"
        }
        nothing = "tasks and notes, as they were said" if span.source == "words" else "nothing"
        words = ", ".join(f"{name} {value}" for name, value in seen.items()) or nothing
        when = f" from {clock_text(span.from_ns)}" if span.from_ns >= _SECOND_NS else ""
        when += f" to {clock_text(span.to_ns)}" if span.to_ns is not None else ""
        lines.append(f"saw      {span.source}{when}: {words}")
    return lines


def describe_step(step: AnyStep) -> str:
    """Describe a step without its time; long text is truncated."""
    detail = _detail(step)
    where = step.path or ""
    return " ".join(part for part in (f"{step.kind:<11}", where, detail) if part).rstrip()


def describe_edit(edit: Edit, path: str) -> str:
    """Describe an edit."""
    change = f"-{edit.deleted}" if edit.deleted else ""
    put = f"+{short(edit.text)!r}" if edit.text else ""
    return f"{'edit':<11} {path} at {edit.start} {change}{' ' if change and put else ''}{put}"


def short(text: str) -> str:
    """Return text truncated to fit on a line."""
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"


def _detail(step: AnyStep) -> str:  # noqa: PLR0911, PLR0912  # one case per kind
    match step:
        case NoteStep(text=text, stated="review"):
            return short(f"written afterwards: {text}")
        case TaskStep(text=text) | NoteStep(text=text):
            return short(text)
        case SaveStep(matched=matched):
            return {True: "as replayed", False: "differs", None: ""}[matched]
        case RenameStep(old_path=old):
            return f"from {old}"
        case ViewStep(visible=visible):
            return ", ".join(f"lines {span.first + 1}-{span.last + 1}" for span in visible)
        case FocusStep(gained=gained, to=to):
            return "gained" if gained else f"lost to {to}"
        case SearchStep(query=query, scope=scope):
            return f"{short(query)!r} in {scope}"
        case DiagnosticsStep(appeared=appeared, cleared=cleared):
            first = f": {short(appeared[0].message)}" if appeared else ""
            return f"{len(appeared)} appeared, {len(cleared)} cleared{first}"
        case AssistStep(feature=feature, outcome=outcome):
            return f"{feature} {outcome or ''}".rstrip()
        case AgentStep(tool=tool, event=event, tool_name=name):
            said = step.line or ", ".join(step.paths) or step.text or ""
            words = (tool, event, name, "failed" if step.failed else "", short(said))
            return " ".join(filter(None, words))
        case CommandStep(argv=argv, line=line, exit_code=code):
            return f"{short(line or shlex.join(argv))} -> {_exit(code)}"
        case TestsStep():
            return _tests(step)
        case GitStep(operation=operation, message=message):
            return f"{operation} {short((message or '').strip())}".rstrip()
        case FilesStep(is_tree=True, changed=changed):
            return f"{len(changed)} files of the base commit are included"
        case FilesStep(changed_count=count, changed=changed, is_base=is_base):
            said = "differ from the commit" if is_base else "changed on disk"
            return f"{max(count, len(changed))} {said}"
        case ResyncStep(reason=reason, target=target):
            return correction_words(target, reason)
        case GapStep(reason=reason, duration_ns=duration):
            return f"{reason.value}" + (f" for {clock_text(duration)}" if duration else "")
        case FileStep() | CheckpointStep() | SelectStep() | EnvironmentStep() | UnknownStep():
            return ""
        case _:
            assert_never(step)


def _tests(step: TestsStep) -> str:
    counts = Counter(step.cases.outcomes)
    said = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
    return f"{step.framework}: {said or 'no results'}, {_exit(step.exit_code)}"


def _exit(code: int | None) -> str:
    return "end not seen" if code is None else f"exit {code}"
