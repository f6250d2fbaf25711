"""Collects the steps, edits and blobs of an episode while records are processed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from signoff_collector.episode.content import encode_text
from signoff_collector.seal.building.edit_log import EditLog
from signoff_collector.seal.building.interning import Sharing
from signoff_schemas.errors import DamagedError
from signoff_schemas.steps import STEP_MODELS, AnyStep

if TYPE_CHECKING:
    from collections.abc import Callable

MS: Final = 1_000_000


class Builder:
    """Appends steps and edits; assigns gapless sequence numbers and monotonic times."""

    def __init__(self) -> None:
        self.edits = EditLog()
        self.steps: list[AnyStep] = []
        self.files: dict[str, int] = {}
        self.sources: dict[str, int] = {}
        self.blobs: list[bytes] = []
        self._blob_numbers: dict[str, int] = {}
        self._sharing = Sharing()
        self.t_ms = 0
        """Time of the latest step; never decreases."""
        self.task: int | None = None
        """The current task, which new steps belong to."""
        self.dropped_steps = 0
        """Number of journalled steps that failed validation."""
        self.silence_ms = 1 << 62
        """After this time without a step, `before_step` is called."""
        self.before_step: Callable[[int], None] = lambda _: None
        """Called with the new time; may add steps of its own."""

    def advance(self, t_ms: int) -> None:
        """Advance the time; an earlier time is ignored."""
        if t_ms > self.t_ms:
            if t_ms - self.t_ms >= self.silence_ms:
                self.before_step(t_ms)
            self.t_ms = t_ms

    def add(self, kind: str, source: str, fields: Mapping[str, object]) -> AnyStep | None:
        """Append a step that is not an edit, at the current time; None when it is not valid.

        `fields` may be untrusted fields of a journal: they are validated here, and only here.
        """
        model = STEP_MODELS[kind]
        known = {
            name: value
            for name, value in fields.items()
            if name in model.model_fields and value is not None
        }
        values: dict[str, object] = {"task": self.task, "t_kind": "event", **known}
        values |= {"kind": kind, "source": source, "t_ns": self.t_ms * MS, "seq": 0}
        try:
            valid = model.model_validate(values)
        except ValueError:
            self.dropped_steps += 1
            return None
        step = self._sharing.step(valid, seq=self.edits.number_step())
        self.steps.append(step)
        self.sources.setdefault(source, len(self.sources))
        if step.path is not None:
            self.file(step.path)
        return step

    def file(self, path: str) -> int:
        """Return the number of a path in `Episode.files`."""
        return self.files.setdefault(path, len(self.files))

    def source(self, name: str) -> int:
        """Return the number of a source."""
        return self.sources.setdefault(name, len(self.sources))

    def blob(self, content: bytes) -> int:
        """Return the number of a content in `Episode.blobs`; equal contents are kept once."""
        digest = hashlib.sha256(content).hexdigest()
        number = self._blob_numbers.setdefault(digest, len(self.blobs))
        if number == len(self.blobs):
            self.blobs.append(content)
        return number

    def text_blob(self, text: str) -> int:
        """Return the number of a text's blob."""
        return self.blob(encode_text(text))


def text_sha256(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, lone surrogates as three bytes each."""
    return hashlib.sha256(encode_text(text)).hexdigest()


def as_text(content: bytes) -> str | None:
    """Decode bytes of a file, or return None when they are not UTF-8 text."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def known_kind(fields: Mapping[str, object]) -> str:
    """Return the kind of a journalled step.

    Raises:
        DamagedError: it has none that this release knows.
    """
    kind = fields.get("kind")
    if not isinstance(kind, str) or kind not in STEP_MODELS or kind == "edit":
        raise DamagedError("a journalled step has no known kind")
    return kind
