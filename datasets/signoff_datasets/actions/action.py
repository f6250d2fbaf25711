"""The words of this room: a change of one file, an action with what came of it, a trace."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signoff_schemas.steps import AgentStep

ACTIONS_VERSION: Final = 2
"""Rises when the same episode gives other actions."""
DEFAULT_MODE: Final = "100644"
LINK_MODE: Final = "120000"

ChangeName = Literal["create", "str_replace", "delete", "rename", "set_mode"]
ActionKind = Literal[
    "task",
    "message",
    "open_file",
    "search",
    "str_replace",
    "create",
    "delete",
    "rename",
    "bash",
    "apply_patch",
    "agent",
    "observe",
]
Label = Literal["mistake", "recover"]
ZeroReason = Literal["author", "placeholder", "mistake", "afterwards"]
"""`afterwards`: words that a person wrote in the review about this moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileState:
    """A file on disk."""

    content: bytes
    """Of a symbolic link: its target."""
    mode: str | None = None
    """As git writes it; None where it is not known, which counts as `DEFAULT_MODE`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of one file on disk, as a tool's call.

    `create` writes a whole file, whether there was one or not; `str_replace` replaces bytes that
    stand there exactly once.
    """

    name: ChangeName
    path: str
    old: str = ""
    new: str = ""
    """For `str_replace` the text that takes the place of `old`; for `rename` the new path."""
    content: bytes = b""
    """For `create`."""
    mode: str | None = None
    """For `create` and `set_mode`, as git writes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who caused an action, and how that is known."""

    cls: str
    """A class of author of docs/format.md, or `mixed` where a person was not the only one."""
    basis: str
    evidence: tuple[str, ...] = ()
    is_person: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one test came to."""

    test: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What could be seen of an action."""

    text: str = ""
    exit_code: int | None = None
    signal: int | None = None
    left_out_bytes: int = 0
    """Of an output, cut from its middle."""
    tests: tuple[Verdict, ...] = ()
    first_line: int | None = None
    """Zero-based, of what was visible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing that was done or seen."""

    kind: ActionKind
    seq_first: int
    seq_last: int
    """Steps of the episode that it was made of."""
    place: int
    """`seq` of the step after which a tool does it: that of the save where something looked at the
    disk between edit and save."""
    t_ns: int | None
    """Since the start of the session; None where the episode has no times."""
    author: Author
    text: str = ""
    """The words of `task` and `message`; the command line, the query, the findings."""
    path: str | None = None
    scope: str | None = None
    """Of a search."""
    cwd: str | None = None
    changes: tuple[Change, ...] = ()
    """What it does to files; for `bash` what the command did, as recorded."""
    observation: Observation = field(default_factory=Observation)
    typed: int = 0
    pasted: int = 0
    accepted: int = 0
    """Characters put in by hand, from the clipboard, from a completion."""
    inserted: int = 0
    deleted: int = 0
    """Characters of its edits."""
    weight: int = 0
    """1 where a trainer should learn to do it, else 0; `zero_because` says why."""
    zero_because: tuple[ZeroReason, ...] = ()
    labels: tuple[Label, ...] = ()
    agent: AgentStep | None = None
    """For `agent`: what a programming agent did, as its tool told it."""
    is_in_editor: bool = False
    """It was typed, or otherwise came about, in a buffer of an editor."""
    is_unsaved: bool = False
    """The text still stood in an editor alone when the recording ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsaved:
    """Edits that never reached the disk: their buffer was closed or replaced."""

    path: str
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """An episode, or a stretch of it, as actions."""

    first: int
    last: int
    """`seq` of its first and last step."""
    start: Mapping[str, FileState]
    """The files before the first action, as far as episode and repository know them."""
    actions: tuple[Action, ...]
    """In the order in which a tool does them."""
    discarded: tuple[Unsaved, ...]
    """What was typed and thrown away; no tool's call shows it."""
