"""Describe steps as a story that a reader can follow without knowing the code."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, assert_never

from signoff_collector.episode.verdicts import Run
from signoff_collector.replay.describing import short
from signoff_schemas.shown_words import correction_words
from signoff_schemas.steps import (
    AgentStep,
    AssistStep,
    CheckpointStep,
    CloseStep,
    CommandStep,
    CreateStep,
    DeleteStep,
    DiagnosticsStep,
    EditStep,
    EnvironmentStep,
    FilesStep,
    FocusStep,
    GapStep,
    GitStep,
    NoteStep,
    OpenStep,
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
from signoff_schemas.words import ActorClass, Basis, GapReason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from signoff_schemas.steps import AnyStep

_SECOND_NS: Final = 1_000_000_000
_SIGINT: Final = 2
_INTERRUPTED: Final = 130
"""Exit code of a shell's command that SIGINT ended."""
_BAD: Final = ("failed", "error")
GOOD, BAD, NEITHER = "good", "bad", ""
_VERDICTS: Final = {True: ("✓", GOOD), False: ("✗", BAD), None: ("?", NEITHER)}
"""Sign and mood of a test run, by its outcome."""
GAPS: Final[Mapping[GapReason, str]] = {
    GapReason.PAUSED: "recording was paused",
    GapReason.AWAY: "the editor was not in focus",
    GapReason.IDLE: "no activity",
    GapReason.PRIVATE: "something private",
    GapReason.CRASHED: "the recorder had crashed",
    GapReason.DROPPED: "steps were lost",
    GapReason.REDACTED: "taken out: it held a secret",
    GapReason.CUT: "cut out by its owner",
    GapReason.TOO_LARGE: "too large to be recorded",
    GapReason.FORGOTTEN: "forgotten on demand",
    GapReason.WITHHELD: "withheld",
    GapReason.SUSPENDED: "the machine slept",
}
"""Descriptions of the reasons for gaps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One step in words."""

    word: str
    """The kind, as one short word."""
    text: str
    mood: str = NEITHER
    """`good`, `bad` or neither; redundant with the text."""

    @property
    def line(self) -> str:
        """Both, side by side."""
        return f"{self.word:<11} {self.text}".rstrip()


def duration_text(duration_ns: int) -> str:
    """Format a duration in its largest one or two units."""
    seconds = duration_ns / _SECOND_NS
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def actor_words(step: AnyStep) -> str:
    """Return who caused a step, if stated; inferred actors are marked."""
    words = who(step.actor.cls)
    return f"{words} (inferred)" if words and step.actor.basis is Basis.INFERRED else words


def who(actor: ActorClass) -> str:
    """Return an actor's name for use in a sentence; empty if unknown."""
    match actor:
        case ActorClass.UNKNOWN:
            return ""
        case ActorClass.PREEXISTING:
            return "there before"
        case ActorClass.EXTERNAL:
            return "another program"
        case _:
            return actor.value


def told(step: AnyStep) -> Told:  # noqa: PLR0911, PLR0912  # one case per kind
    """Return the description of a step."""
    match step:
        case TaskStep():
            return _task(step)
        case NoteStep(text=text, stated=stated):
            word = "note" if stated == "live" else "note, written afterwards"
            return Told(word=word, text=short(text))
        case CommandStep():
            return _command(step)
        case TestsStep():
            return _tests(step)
        case GitStep(operation=operation, message=message, branch=branch):
            said = (message or "").strip().partition("\n")[0]
            return Told(word=operation, text=short(said or branch or ""))
        case AgentStep():
            return _agent(step)
        case GapStep():
            return _gap(step)
        case DiagnosticsStep():
            return _diagnostics(step)
        case SaveStep(matched=matched):
            differs = " (the disk has another text)" if matched is False else ""
            mood = BAD if matched is False else NEITHER
            return Told(word="saved", text=f"{step.path}{differs}", mood=mood)
        case OpenStep(language=language):
            word = "opened" if step.reason == "open" else "holds"
            return Told(word=word, text=f"{step.path}{f' ({language})' if language else ''}")
        case RenameStep(old_path=old):
            return Told(word="renamed", text=f"{old} → {step.path}")
        case FilesStep():
            return _files(step)
        case ResyncStep(reason=reason, target=target):
            words = f"{step.path}: {correction_words(target, reason)}"
            return Told(word="corrected", text=words)
        case ViewStep(visible=visible):
            lines = ", ".join(f"{span.first + 1}-{span.last + 1}" for span in visible)
            where = step.path or step.module or ""
            return Told(word="looked at", text=f"{where}{f':{lines}' if lines else ''}")
        case SearchStep(query=query, scope=scope, hits=hits):
            found = "" if hits is None else f", {_many(hits, 'hit')}"
            return Told(word="searched", text=f"{short(query)!r} in {scope}{found}")
        case AssistStep():
            return _assist(step)
        case FocusStep(gained=gained, to=to):
            return Told(word="focus", text="back in the editor" if gained else f"went to {to}")
        case EnvironmentStep(os=system, interpreters=interpreters):
            known = [system or "", *(f"{name} {v}" for name, v in interpreters.items())]
            return Told(word="tools", text=short(", ".join(filter(None, known))))
        case SelectStep():
            return Told(word="cursor", text=step.path or "")
        case UnknownStep():
            words = f"a step of kind {short(step.kind)!r}, which this release does not know"
            return Told(word="unknown", text=words)
        case CloseStep():
            return Told(word="closed", text=step.path or "")
        case CreateStep():
            return Told(word="created", text=step.path or "")
        case DeleteStep():
            return Told(word="deleted", text=step.path or "")
        case CheckpointStep():
            return Told(word="checked", text=step.path or "the disk equals the replay")
        case EditStep():  # replays show the edits of a table
            return Told(word="edit", text=step.path or "")
        case _:
            assert_never(step)


def _task(step: TaskStep) -> Told:
    ended = f" — {step.outcome}" if step.outcome else ""
    mood = GOOD if step.outcome == "solved" else NEITHER
    return Told(word="task", text=f"{short(step.text)}{ended}", mood=mood)


def is_interrupted(step: CommandStep) -> bool:
    """Return whether the person stopped it (Ctrl-C): this is no failure."""
    return step.signal == _SIGINT or step.exit_code == _INTERRUPTED


def _command(step: CommandStep) -> Told:
    line = short(step.line or shlex.join(step.argv))
    took = f" after {duration_text(step.duration_ns)}" if step.duration_ns else ""
    by = f" (run by {step.agent_marker})" if step.agent_marker else ""
    if is_interrupted(step):
        end, mood = "interrupted", NEITHER
    elif step.signal is not None:
        end, mood = f"✗ ended by signal {step.signal}", BAD
    elif step.exit_code is None:
        end, mood = "end not seen", NEITHER
    elif step.exit_code:
        end, mood = f"✗ exit {step.exit_code}", BAD
    else:
        end, mood = "✓ exit 0", NEITHER
    return Told(word="ran", text=f"{line}{by} → {end}{took}", mood=mood)


def case_counts(step: TestsStep) -> dict[str, int]:
    """Return the number of cases per outcome, bad outcomes first."""
    counts: dict[str, int] = dict.fromkeys((*_BAD, "passed"), 0)
    for outcome in step.cases.outcomes:
        counts[outcome] = counts.get(outcome, 0) + 1
    return {outcome: count for outcome, count in counts.items() if count}


def is_green(step: TestsStep) -> bool | None:
    """Return whether a run passed, by its cases or else by how it ended; None if unknown."""
    return Run.of(step).is_green


def _tests(step: TestsStep) -> Told:
    counts = ", ".join(f"{count} {outcome}" for outcome, count in case_counts(step).items())
    sign, mood = _VERDICTS[is_green(step)]
    if step.exit_code == _INTERRUPTED and mood is NEITHER:
        sign = "interrupted,"
    took = f" in {duration_text(step.duration_ns)}" if step.duration_ns else ""
    told = zip(step.cases.outcomes, step.cases.ids, strict=True)
    first = next((name for outcome, name in told if outcome in _BAD), None)
    failing = "" if first is None else f"; first: {short(first)}"
    by = f" (run by {step.agent_marker})" if step.agent_marker else ""
    said = counts or "no results"
    return Told(word="tests", text=f"{sign} {step.framework}: {said}{took}{failing}{by}", mood=mood)


def _agent(step: AgentStep) -> Told:
    said = step.line or ", ".join(step.paths) or step.text or ""
    said = said.strip().partition("\n")[0]
    what = step.tool_name or "a tool"
    match step.event:
        case "prompt":
            words = "was asked" + (f": {short(said)}" if said else " (its words are not recorded)")
        case "tool_call":
            words = f"calls {what}" + (f": {short(said)}" if said else "")
        case "tool_result":
            words = f"✗ {what} failed" if step.failed else f"{what} gave its result"
        case "message":
            words = f"says: {short(said)}"
        case _:
            words = "is done" + (f": {short(said)}" if said else "")
    mood = BAD if step.failed else NEITHER
    return Told(word="agent", text=f"{step.tool} {words}", mood=mood)


def _gap(step: GapStep) -> Told:
    long = f" for {duration_text(step.duration_ns)}" if step.duration_ns else ""
    many = f" ({step.count} things)" if step.count else ""
    guessed = " (inferred)" if step.basis is Basis.INFERRED else ""
    where = f"{step.path}: " if step.path else ""
    return Told(word="gap", text=f"… {where}{GAPS[step.reason]}{long}{many}{guessed}")


def _diagnostics(step: DiagnosticsStep) -> Told:
    parts = [_many(len(step.appeared), "problem") + " came"] if step.appeared else []
    parts += [f"{len(step.cleared)} cleared"] if step.cleared else []
    first = f": {short(step.appeared[0].message)}" if step.appeared else ""
    where = f"{step.path}: " if step.path else ""
    return Told(word="problems", text=f"{where}{', '.join(parts) or 'none'}{first}")


def _files(step: FilesStep) -> Told:
    if step.is_tree:
        held = f"{_many(len(step.changed), 'file')} of the base commit are included"
        left = f", {step.withheld_count} do not" if step.withheld_count else ""
        return Told(word="files", text=held + left)
    count = max(step.changed_count, len(step.changed))
    what = "differed from the commit" if step.is_base else "changed on disk"
    by = actor_words(step)
    names = _names([item.path for item in step.changed])
    return Told(
        word="files",
        text=f"{_many(count, 'file')} {what}{f' by {by}' if by else ''}{names}",
    )


def _names(paths: Sequence[str]) -> str:
    if not paths:
        return ""
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    return f": {short(', '.join(paths[:3]))}{more}"


def _assist(step: AssistStep) -> Told:
    feature = step.feature.replace("_", " ")
    by = f" by {step.provider}" if step.provider else ""
    took = step.chosen or step.inserted or ""
    chosen = f": {short(took)!r}" if took else ""
    outcome = f" {step.outcome}" if step.outcome else ""
    return Told(word="assist", text=f"{feature}{by}{outcome}{chosen}")


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
