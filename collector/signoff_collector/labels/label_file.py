"""The label set of one labeller beside an episode: every change is on the disk before it counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from signoff_collector import __version__
from signoff_collector.consent.signatures.sshsig import MAX_SIGNATURE_BYTES
from signoff_collector.labels.marks import Marks, accepted, rejected, with_labels, without
from signoff_collector.labels.signing import sign_set
from signoff_collector.own_files.private_files import (
    locked,
    make_private_folder,
    read_regular,
    replace_private,
)
from signoff_schemas.errors import NotFoundError, OutdatedError, RefusedError, UsageError
from signoff_schemas.labels import (
    MAX_SET_BYTES,
    MOST_LABELS,
    Label,
    LabelSet,
    TextField,
    checked_label,
    label_set_bytes,
    parse_label_set,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from signoff_collector.labels.marks import Place
    from signoff_collector.labels.signing import LabelKey
    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock
    from signoff_schemas.labels import LabelSchema, ProposedLabel, Value

SUFFIX: Final = ".labels.json"
TOOL: Final = "signoff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """What labels are about, and who sets them."""

    path: Path
    """Of the episode."""
    sha256: str
    """Of its bytes."""
    steps: int
    key: LabelKey


def labels_path(episode: Path) -> Path:
    """Return `X.labels.json` for `X.episode`."""
    return episode.with_name(f"{episode.name.removesuffix('.episode')}{SUFFIX}")


def signature_path(labels: Path) -> Path:
    """Return `X.labels.json.sig` for `X.labels.json`."""
    return labels.with_name(f"{labels.name}.sig")


class LabelFile:
    """The labels of one labeller for one episode, as a file that follows each change."""

    def __init__(
        self,
        home: Home,
        about: Labelled,
        *,
        schema: Callable[[], LabelSchema],
        chosen: LabelSchema | None,
        mask: Callable[[str], str],
        clock: Clock,
    ) -> None:
        """Read what lies beside the episode; nothing is written yet.

        Args:
            home: where changes of two programs are kept apart.
            about: the episode, and the key of its labeller.
            schema: what to begin with where nothing lies there and none was chosen.
            chosen: the schema that a person named, or None.
            mask: takes secrets out of the words of a label.
            clock: names the day.

        Raises:
            RefusedError: the labels there are of another episode, labeller or schema.
            DamagedError: they cannot be read.
        """
        self.path = labels_path(about.path)
        self._lock = home.state / "labels.lock"
        self._about = about
        self._mask = mask
        self._clock = clock
        self._before: list[Marks] = []
        self._content = _read(self.path)
        found = None if self._content is None else parse_label_set(self._content)
        if found is not None:
            _refuse_other(found, about, chosen)
        self.schema = found.label_schema if found is not None else chosen or schema()
        self.marks = (
            Marks() if found is None else Marks(labels=found.labels, rejected=found.rejected)
        )

    @property
    def found(self) -> LabelSet:
        """The label set as it is now."""
        return LabelSet(
            label_set=1,
            episode_sha256=self._about.sha256,
            episode_steps=self._about.steps,
            schema_sha256=self.schema.sha256,
            label_schema=self.schema,
            labeller=self._about.key.labeller,
            labels=self.marks.labels,
            rejected=self.marks.rejected,
        )

    @property
    def exists(self) -> bool:
        """Whether anything was ever written."""
        return self._content is not None

    @property
    def is_signed(self) -> bool:
        """Whether a signature lies beside it; a change takes it away."""
        return signature_path(self.path).is_file()

    # Changes

    def set_label(self, field: str, value: Value, first: int, last: int) -> Label:
        """Say something of a step or span; return it as it was kept.

        Raises:
            UsageError: the schema does not know it, or there is no such step.
            OutdatedError: another program changed the file.
        """
        label = Label(
            origin="person",
            field=field,
            value=self._masked(field, value),
            first=first,
            last=last,
            set_on=self._day(),
            tool=TOOL,
            version=__version__,
        )
        self.add(label)
        return label

    def add(self, *labels: Label) -> None:
        """Keep labels that were set elsewhere, as one change; what is said already stays as it is.

        Raises:
            UsageError: the schema does not know one, or there is no such step.
            OutdatedError: another program changed the file.
        """
        held = {label.place: label.value for label in self.marks.labels}
        new: list[Label] = []
        for label in labels:
            kept = label.model_copy(update={"value": self._masked(label.field, label.value)})
            checked_label(self.schema, kept, self._about.steps)
            if held.get(kept.place) != kept.value:
                new.append(kept)
        self._change(with_labels(self.marks, *new))

    def remove(self, *places: Place) -> int:
        """Say nothing of some places any more, as one change; return how many labels went."""
        marks = self.marks
        for place in places:
            marks = without(marks, place)
        gone = len(self.marks.labels) - len(marks.labels)
        self._change(marks)
        return gone

    def accept(self, proposal: ProposedLabel) -> None:
        """Take a proposal over: a person looked at it and says the same."""
        marks = accepted(self.marks, proposal, day=self._day(), version=__version__)
        for label in marks.labels:
            checked_label(self.schema, label, self._about.steps)
        self._change(marks)

    def reject(self, proposal: ProposedLabel) -> None:
        """Turn a proposal down."""
        self._change(rejected(self.marks, proposal))

    def undo(self) -> bool:
        """Take the last change of this sitting back; return whether there was one."""
        if not self._before:
            return False
        self._write(self._before[-1])
        self._before.pop()
        return True

    def sign(self) -> Path:
        """Sign the labels as they are; return where the signature lies.

        Raises:
            NotFoundError: nothing was labelled.
            SignoffError: ssh-keygen could not sign.
        """
        if self._content is None:
            raise NotFoundError("nothing was labelled yet", hint="`signoff label EPISODE`.")
        place = signature_path(self.path)
        replace_private(place, sign_set(self._content, self._about.key))
        return place

    def _masked(self, field: str, value: Value) -> Value:
        is_words = isinstance(self.schema.field(field), TextField) and isinstance(value, str)
        return self._mask(value.strip()) if is_words and isinstance(value, str) else value

    def _day(self) -> str:
        moment = datetime.fromtimestamp(self._clock.wall_ns() // 1_000_000_000, UTC)
        return moment.date().isoformat()

    def _change(self, marks: Marks) -> None:
        if marks == self.marks:
            return
        before = self.marks
        self._write(marks)
        self._before.append(before)

    def _write(self, marks: Marks) -> None:
        """Write the marks, then hold them: what is not on the disk does not count."""
        if max(len(marks.labels), len(marks.rejected)) > MOST_LABELS:
            raise UsageError(f"a label set holds at most {MOST_LABELS} labels")
        held, self.marks = self.marks, marks
        try:
            content = label_set_bytes(self.found)
            make_private_folder(self._lock.parent)
            with locked(self._lock):
                self._refuse_changed()
                signature_path(self.path).unlink(missing_ok=True)
                replace_private(self.path, content)
        except BaseException:
            self.marks = held
            raise
        self._content = content

    def _refuse_changed(self) -> None:
        if _read(self.path) != self._content:
            raise OutdatedError(
                f"{self.path.name} was changed by another program meanwhile",
                hint="Close one of the two, and open the labels again.",
            )


def read_set(path: Path) -> tuple[bytes, bytes | None]:
    """Return the bytes of a label set and of its signature; None where there is none.

    Raises:
        NotFoundError: there is no such label set.
        DamagedError: one of them is no regular file, or too large.
    """
    content = read_regular(path, max_bytes=MAX_SET_BYTES)
    try:
        return content, read_regular(signature_path(path), max_bytes=MAX_SIGNATURE_BYTES)
    except NotFoundError:
        return content, None


def _read(path: Path) -> bytes | None:
    try:
        return read_regular(path, max_bytes=MAX_SET_BYTES)
    except NotFoundError:
        return None


def _refuse_other(found: LabelSet, about: Labelled, chosen: LabelSchema | None) -> None:
    refuse_other_episode(found, about.sha256)
    if found.labeller != about.key.labeller:
        raise RefusedError(
            "the labels beside this episode are another labeller's",
            hint="Move them away; `--compare` shows them beside yours.",
        )
    if chosen is not None and chosen.sha256 != found.schema_sha256:
        raise RefusedError(
            f"the labels beside this episode were begun under the schema {found.label_schema.name}"
            f" ({found.schema_sha256[:12]}), not under {chosen.name} ({chosen.sha256[:12]})",
            hint="Go on without --schema, or move them away.",
        )


def refuse_other_episode(found: LabelSet, sha256: str) -> None:
    """Refuse labels of other bytes than these.

    Raises:
        RefusedError: they are of another episode, or of this one before it was changed.
    """
    if found.episode_sha256 != sha256:
        raise RefusedError(
            f"these labels are of the episode {found.episode_sha256[:16]}, not of {sha256[:16]}",
            hint="An episode that was changed is another one: label it anew.",
        )
