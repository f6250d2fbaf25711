"""The header of an episode: what it is, who wrote it, and what could be seen."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from signoff_schemas.values import Count, Value
from signoff_schemas.words import Coverage


class Editor(Value):
    """One editor process of the session."""

    name: str
    version: str | None = None
    position_encoding: Literal["utf-8", "utf-16", "utf-32"] = "utf-16"
    sync: Literal["incremental", "full"] = "incremental"


class Observability(Value):
    """What one source could see from `from_ns` up to `to_ns`."""

    source: str
    from_ns: Count = 0
    to_ns: Count | None = None
    edits: Coverage = Coverage.NONE
    keys: Coverage = Coverage.NONE
    reasons: Coverage = Coverage.NONE
    """Undo and paste reasons."""
    view: Coverage = Coverage.NONE
    select: Coverage = Coverage.NONE
    focus: Coverage = Coverage.NONE
    diagnostics: Coverage = Coverage.NONE
    suggestions: Coverage = Coverage.NONE
    agents: Coverage = Coverage.NONE
    search: Coverage = Coverage.NONE
    output: Coverage = Coverage.NONE
    tests: Coverage = Coverage.NONE
    git: Coverage = Coverage.NONE
    files: Coverage = Coverage.NONE


class Base(Value):
    """Where the session began."""

    commit: str | None = None
    """A pseudonym, unless the plan names the repository."""
    branch: str | None = None
    is_dirty: bool | None = None
    dirty_files: Count | None = None
    repository: str | None = None
    """URL, only when the plan names it."""
    spdx: str | None = None


class CheckSummary(Value):
    """How faithful the replay is, as found when sealing."""

    checkpoints: Count = 0
    matched: Count = 0
    resyncs: Count = 0
    blind_spans: Count = 0


class Imported(Value):
    """Where a recording of another tool comes from; such an episode is never signed."""

    format: str
    """Name of the format as `signoff import` knows it; `unknown` where the header did not say."""
    said: tuple[str, ...] = ()
    """What the source could not tell, or was read inexactly: one sentence each."""


class EpisodeHeader(Value):
    """Everything an episode says about itself."""

    format_version: Count = 1
    origin: Literal["recorded", "shared", "imported"] = "recorded"
    imported: Imported | None = None
    """Set for a recording of another tool, and for everything that was made of it."""
    session: str
    workspace: str
    """Pseudonym."""
    base: Base = Base()
    editors: tuple[Editor, ...] = ()
    sources: tuple[str, ...] = ()
    """Names of the sources; columns refer to them by index."""
    policy_sha256: str | None = None
    observability: tuple[Observability, ...] = ()
    captured_on: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}-\d{2}$")
    """UTC date; in a shared episode of the kept task, and only if the plan tells it."""
    started_wall_ns: int | None = None
    """Wall clock of `t_ns` 0; never in a shared episode."""
    duration_ns: Count = 0
    edits: Count = 0
    steps: Count = 0
    """Number of all steps, edits included."""
    versions: dict[str, str] = Field(default={})
    """Versions of the tools that affect the bytes: signoff, zstd, msgpack, detectors."""
    check: CheckSummary = CheckSummary()
    redaction: dict[str, int] = Field(default={})
    """Placeholder kind to number of masks."""
    masks: dict[str, str] = Field(default={})
    """Placeholder to how its value was found: a source or the name of a rule, never more."""
    exact_values: Literal["session", "relearned", "none"] = "none"
    time_resolution: Literal["exact", "100ms", "1s", "none"] = "exact"
    sealed_offline: bool | None = None
    """Whether sealing ran in an empty network namespace."""
