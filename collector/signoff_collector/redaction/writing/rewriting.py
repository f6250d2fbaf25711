"""Rewrite an episode with masked texts: the only code that applies masks.

Redaction masks what it recognises; review masks what a plan names and also leaves steps out. Both
pass the masked ids, the fate of each step and a function for strings. Texts, offsets, hashes and
sizes are computed here. Times and numbers are set afterwards, by `bursts` and `numbering`.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from signoff_collector.episode.content import NONE, Edit
from signoff_collector.redaction.strings.step_strings import map_strings
from signoff_collector.redaction.strings.step_texts import BlobStore, StepShower
from signoff_collector.redaction.texts.shown import Masks, ShownText
from signoff_collector.redaction.texts.texts import DISK, Key, TextStates
from signoff_schemas.steps import (
    AnyStep,
    CloseStep,
    FilesStep,
    GapStep,
    OpenStep,
    ResyncStep,
    SaveStep,
    StepBase,
)
from signoff_schemas.values import DiskFile
from signoff_schemas.words import GapReason

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode


REVIEW_SOURCE: Final = "review"
"""`source` of steps that the rewriting adds, rather than a recorder."""


class Fate(Enum):
    """Whether a step is in the result."""

    KEPT = 1
    LEFT_OUT = 2
    """Not in the result; a gap marks its place."""
    DROPPED = 3
    """Not in the result, without a gap: its kind or file does not belong there."""


class StringRule(Protocol):
    """A function that masks one string of a step."""

    def __call__(self, step: AnyStep, pointer: str, text: str, /) -> str:
        """Return the replacement of a string."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One step of the rewritten episode; edits that show nothing stay until numbering."""

    step: AnyStep | Edit
    """With the original `seq` and `t_ns`; an edit has its shown start, length and text."""
    is_masked: bool = False
    """Whether an edit inserted, deleted, split or joined masked characters."""
    is_shown: bool = True
    """False for an edit between two equal shown states."""


class EnteredText(NamedTuple):
    """A text that enters the result as a whole, since the steps that wrote it are left out."""

    seq: int
    """`seq` of the last step left out before it enters."""
    key: Key
    shown: str
    """Its shown state as it enters."""


@dataclass(slots=True)
class Rewritten:
    """The steps of the result, before times and numbers are set."""

    entries: list[Entry] = field(default_factory=list)
    blobs: BlobStore = field(default_factory=BlobStore)
    entered: list[EnteredText] = field(default_factory=list)
    """Texts that entered as a whole."""
    paths: list[str] = field(default_factory=list)

    def path_of(self, key: Key) -> str:
        """Return the path of a text."""
        return self.paths[key.file]


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A moment of an episode at which to begin; everything before it is left out."""

    states: TextStates
    """The texts at that moment; the rewriting advances it."""
    left_out: tuple[AnyStep | Edit, ...]
    """The first and the last step before it; empty at the beginning of the episode."""
    steps: Iterable[AnyStep | Edit]
    """The steps from there on, at least up to the last that is kept."""


def rewrite(
    episode: Episode,
    masks: Masks,
    string_rule: StringRule,
    *,
    fate_of: Callable[[AnyStep | Edit], Fate] = lambda _: Fate.KEPT,
    has_text: Callable[[str], bool] = lambda _: True,
    start: Start | None = None,
    known: Container[str] = (),
    source: str = REVIEW_SOURCE,
    says_gaps: bool = True,
) -> Rewritten:
    """Return the masked steps of an episode.

    Args:
        episode: never changed.
        masks: by id of `TextStates(episode)`.
        string_rule: called for every free string of every kept step.
        fate_of: decides which steps are kept. Texts that changed in steps left out enter as
            `resync` before the next kept step.
        has_text: whether the result may contain the text at a path.
        start: begin here; saves the walk to the first kept step.
        known: paths of files that exist before the first step of the result. If a step that is
            left out deletes one, a `resync` says so.
        source: `source` of the added steps.
        says_gaps: whether to add a gap where steps are left out; if not, the caller does.
    """
    if start is None:
        start = Start(states=TextStates(episode), left_out=(), steps=episode.ordered())
    rewriter = _Rewriter(start, masks, string_rule, fate_of, has_text, known=known)
    rewriter.source, rewriter.says_gaps = source, says_gaps
    return rewriter.run()


class _Rewriter:
    def __init__(
        self,
        start: Start,
        masks: Masks,
        string_rule: StringRule,
        fate_of: Callable[[AnyStep | Edit], Fate],
        has_text: Callable[[str], bool],
        *,
        known: Container[str],
    ) -> None:
        self.source = REVIEW_SOURCE
        self.says_gaps = True
        self._states = start.states
        self._steps = start.steps
        self._masks = masks
        self._string_rule = string_rule
        self._fate_of = fate_of
        self._has_text = has_text
        self._shown: dict[Key, ShownText] = {}
        self._changed: set[Key] = {*start.states.texts, *start.states.absent}
        paths = enumerate(start.states.paths)
        self._known: set[Key] = {Key(file, DISK) for file, path in paths if path in known}
        self._left_out: list[AnyStep | Edit] = list(start.left_out)
        self._result = Rewritten()
        self._shower = StepShower(
            states=self._states,
            shown_of=self._shown_text,
            blobs=self._result.blobs,
            has_text=has_text,
        )

    def run(self) -> Rewritten:
        for step in self._steps:
            fate = self._fate_of(step)
            stays = fate is Fate.KEPT
            if stays and self._left_out:
                self._enter(step)
            if isinstance(step, StepBase):
                self._step(step, stays=stays)
            else:
                self._edit(step, stays=stays)
            if fate is Fate.LEFT_OUT:
                self._left_out.append(step)
        self._result.paths = self._states.paths
        return self._result

    def _edit(self, edit: Edit, *, stays: bool) -> None:
        key = Key(edit.file, edit.buffer)
        if not stays:
            self._states.apply_edit(edit)
            self._shown.pop(key, None)
            self._changed.add(key)
            return
        shown = self._shown_text(key)
        pending = None if shown is None else shown.before_edit(edit.start, edit.deleted)
        fresh = self._states.apply_edit(edit)
        change = None if pending is None else pending.done(fresh, edit.text)
        if change is None or shown is None:
            hidden = edit._replace(text="", deleted=0)
            self._result.entries.append(Entry(step=hidden, is_masked=True, is_shown=False))
            return
        cursor = edit.cursor
        if cursor != NONE:
            cursor = shown.offset(min(cursor, self._states.texts[key].length))
        row = edit._replace(
            start=change.start, deleted=change.deleted, text=change.text, cursor=cursor
        )
        self._result.entries.append(Entry(step=row, is_masked=change.is_masked))

    def _step(self, step: AnyStep, *, stays: bool) -> None:
        if not stays:
            touched = self._states.apply_step(step)
            for key in touched:
                self._shown.pop(key, None)
            self._changed.update(touched)
            return
        touched = self._states.apply_step(step)
        self._follow(step, touched)
        for key in touched:
            if key in self._states.texts:
                self._known.add(key)
            else:
                self._known.discard(key)
        shown = self._shower.show(step)
        rule = self._string_rule
        masked = map_strings(shown, lambda pointer, text: rule(step, pointer, text))
        self._result.entries.append(Entry(step=masked))

    def _follow(self, step: AnyStep, touched: tuple[Key, ...]) -> None:
        """Update the cache of shown states for texts that were replaced as a whole."""
        if isinstance(step, SaveStep) and touched:
            disk = touched[0]
            buffer = Key(disk.file, 0 if step.buffer is None else step.buffer)
            source = self._shown_text(buffer)
            if source is not None and disk in self._states.texts:
                self._shown[disk] = source.copy(self._states.texts[disk])
                touched = touched[1:]
        for key in touched:
            self._shown.pop(key, None)

    def _shown_text(self, key: Key) -> ShownText | None:
        shown = self._shown.get(key)
        if shown is None:
            text = self._states.texts.get(key)
            if text is None:
                return None
            shown = self._shown[key] = ShownText(text, self._masks)
        return shown

    def _enter(self, upcoming: AnyStep | Edit) -> None:
        """Add a gap for the steps left out, and a `resync` for each text they changed."""
        first, last = self._left_out[0], self._left_out[-1]
        entries = self._result.entries
        if entries and self.says_gaps:
            span = max(0, upcoming.t_ns - first.t_ns)
            gap = GapStep(
                seq=last.seq,
                t_ns=first.t_ns,
                source=self.source,
                reason=GapReason.WITHHELD,
                duration_ns=span,
            )
            entries.append(Entry(step=gap))
        for key in sorted(self._changed):
            is_wanted = self._has_text(self._states.paths[key.file])
            if is_wanted and not _replaces(upcoming, self._states, key):
                self._enter_text(key, last.seq, upcoming.t_ns)
        self._changed.clear()
        self._left_out.clear()

    def _enter_text(self, key: Key, seq: int, t_ns: int) -> None:
        shown = self._shown_text(key)
        blob = None
        is_absent = key in self._states.absent
        if shown is None:
            if key not in self._known and not is_absent:
                return
            self._known.discard(key)
        else:
            self._known.add(key)
            text = shown.text
            blob = self._result.blobs.add(self._states.disk_bytes(key, text))
            self._result.entered.append(EnteredText(seq, key, text))
        path = self._states.paths[key.file]
        at: dict[str, object] = {"seq": seq, "t_ns": t_ns, "source": self.source}
        step: AnyStep
        if is_absent:
            item = DiskFile(path=path, sha256="withheld", without_content=True)
            step = FilesStep.model_validate({**at, "changed": (item,), "changed_count": 1})
        else:
            is_disk = key.buffer == DISK
            fields = {
                "path": path,
                "buffer": None if is_disk else key.buffer,
                "reason": "cut",
                "target": "disk" if is_disk else "buffer",
                "mode": self._states.modes.get(key.file) if is_disk and blob is not None else None,
                "blob": blob,
            }
            step = ResyncStep.model_validate({**at, **fields})
        rule = self._string_rule
        masked = map_strings(step, lambda pointer, text: rule(step, pointer, text))
        self._result.entries.append(Entry(step=masked))


def _replaces(step: AnyStep | Edit, states: TextStates, key: Key) -> bool:
    """Return whether a step itself contains the whole text of `key`, so no `resync` is needed."""
    if isinstance(step, Edit) or key.buffer == DISK:
        return False
    if isinstance(step, CloseStep):
        return False
    is_open = isinstance(step, OpenStep) and step.blob is not None
    return is_open and states.key(step.path, step.buffer or 0) == key
