"""The steps of an episode: one immutable model per kind (docs/format.md, section 6).

A step model is independent of its encoding, which is in `signoff_collector.episode`
only. Times are integer nanoseconds since the start
of the session in multiples of 1 ms. Text offsets are Unicode code points from
the start of the document. Paths are relative to the workspace, with forward
slashes. On writing, unknown fields are an error; on reading they are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal, get_args

from pydantic import ConfigDict, Field, ValidationError

from signoff_schemas.cases import Cases
from signoff_schemas.errors import DamagedError
from signoff_schemas.values import (
    Actor,
    BlobIndex,
    Count,
    Diagnostic,
    DiskFile,
    DiskForm,
    LineSpan,
    Output,
    Sha256,
    Value,
)
from signoff_schemas.words import Basis, GapReason, TimeKind


class StepBase(Value):
    """The fields that every step has."""

    seq: Count
    t_ns: Count
    t_kind: TimeKind = TimeKind.EVENT
    source: str
    """Which writer saw it, such as `bridge:1`, `git`, `run`."""
    actor: Actor = Actor()
    task: Count | None = None
    path: str | None = None
    buffer: Count | None = None
    """Ordinal of the editor process, where a buffer is meant."""
    batch_ns: Count | None = None
    env: Count | None = None
    """Ordinal of the `environment` step that holds."""
    state: Count | None = None
    """Ordinal of the whole disk tree after this step; equal trees, equal ordinal."""


class FileStep(StepBase):
    """Base of the kinds that say what became of one file or its buffer."""


class DiskStep(StepBase):
    """Base of the kinds that list files as they were seen on disk."""


class SeenStep(StepBase):
    """Base of the kinds that say what the person looked at or was offered; no file changes."""


class ToldStep(StepBase):
    """Base of the kinds that say how the work went; no file changes."""


class TaskStep(ToldStep):
    """What the developer set out to do."""

    kind: Literal["task"] = "task"
    text: str
    origin: Literal["person", "issue", "agent_prompt", "branch", "commit"] = "person"
    stated: Literal["before_first_edit", "during", "review"] = "during"
    outcome: Literal["solved", "partly", "abandoned"] | None = None
    outcome_by: Literal["person", "tests", "agent"] | None = None


class NoteStep(ToldStep):
    """The developer's words at one moment."""

    kind: Literal["note"] = "note"
    text: str
    stated: Literal["live", "review"] = "live"


class EnvironmentStep(ToldStep):
    """The tools in use, at the start and whenever they change."""

    kind: Literal["environment"] = "environment"
    os: str | None = None
    arch: str | None = None
    interpreters: dict[str, str] = Field(default={})
    distributions: dict[str, str] = Field(default={})
    """What the tests imported: name to version."""
    installed: dict[str, str] = Field(default={})
    """What is installed where the tests ran: name, as its folder spells it, to version."""
    installed_unnamed: Count | None = None
    """How many more are installed there; None where nobody looked."""
    lock_files: dict[str, str] = Field(default={})
    """Path to SHA-256, or `withheld`."""
    tools: dict[str, str] = Field(default={})
    container_digest: str | None = None
    variables: tuple[str, ...] = ()
    """Names, never values."""


class OpenStep(FileStep):
    """A document came into an editor, or its text was anchored again."""

    kind: Literal["open"] = "open"
    reason: Literal["open", "anchor"] = "open"
    language: str | None = None
    encoding: str | None = None
    bom: bool | None = None
    eol: Literal["lf", "crlf", "cr", "mixed", "none"] | None = None
    indent: str | None = None
    """One indent unit: a tab, or that many spaces."""
    final_newline: bool | None = None
    size_bytes: Count | None = None
    text_sha256: Sha256 | None = None
    blob: BlobIndex | None = None
    """The text; None when it equals the disk text known so far."""
    while_paused: bool = False
    """Some of the text may have been written while recording was off."""
    form: DiskForm | None = None
    """The disk was seen to hold this text in this form; None when it was not compared."""


class CloseStep(FileStep):
    """A document left the editor; without a save its buffer is dropped."""

    kind: Literal["close"] = "close"
    reason: Literal["ended", "lost"] | None = None
    """`ended`: the editor was quit; `lost`: it, or what listened to it, was killed or cut off."""


class SaveStep(FileStep):
    """A buffer was written to disk."""

    kind: Literal["save"] = "save"
    disk_sha256: Sha256 | Literal["withheld"] | None = None
    text_sha256: Sha256 | None = None
    size_bytes: Count | None = None
    matched: bool | None = None
    """Whether the replayed buffer gave exactly the disk text; None when it could not be read."""
    form: DiskForm | None = None
    """How the buffer's text was written; None: as UTF-8."""


class CreateStep(FileStep):
    """A file came into being."""

    kind: Literal["create"] = "create"
    disk_sha256: Sha256 | Literal["withheld"] | None = None
    size_bytes: Count | None = None
    mode: str | None = None
    """Six octal digits as git writes them."""
    blob: BlobIndex | None = None


class RenameStep(FileStep):
    """A file got another name."""

    kind: Literal["rename"] = "rename"
    old_path: str
    disk_sha256: Sha256 | Literal["withheld"] | None = None
    mode: str | None = None
    """Six octal digits as git writes them."""


class DeleteStep(FileStep):
    """A file was removed."""

    kind: Literal["delete"] = "delete"
    disk_sha256: Sha256 | Literal["withheld"] | None = None


class ViewStep(SeenStep):
    """What was visible."""

    kind: Literal["view"] = "view"
    visible: tuple[LineSpan, ...] = ()
    distribution: str | None = None
    """`name==version` for library code outside the workspace."""
    module: str | None = None


class SelectStep(SeenStep):
    """Where the cursor and the selections were."""

    kind: Literal["select"] = "select"
    cursor: Count | None = None
    selections: tuple[tuple[Count, Count], ...] = ()


class FocusStep(SeenStep):
    """The focus of the keyboard moved."""

    kind: Literal["focus"] = "focus"
    gained: bool
    to: Literal["editor", "terminal", "other"] = "other"


class SearchStep(SeenStep):
    """The developer searched."""

    kind: Literal["search"] = "search"
    query: str
    scope: Literal["file", "workspace", "symbol", "path"]
    is_regex: bool | None = None
    hits: Count | None = None
    chosen: str | None = None


class DiagnosticsStep(SeenStep):
    """Findings that appeared or went away."""

    kind: Literal["diagnostics"] = "diagnostics"
    server: str | None = None
    server_version: str | None = None
    version: int | None = None
    """Document version the findings belong to."""
    appeared: tuple[Diagnostic, ...] = ()
    cleared: tuple[Diagnostic, ...] = ()


class AssistStep(SeenStep):
    """The editor offered something."""

    kind: Literal["assist"] = "assist"
    feature: Literal[
        "completion",
        "inline_suggestion",
        "code_action",
        "rename",
        "format",
        "definition",
        "reference",
        "hover",
    ]
    provider: str | None = None
    model: str | None = None
    trigger: str | None = None
    offered: Annotated[tuple[str, ...], Field(max_length=10)] = ()
    chosen: str | None = None
    inserted: str | None = None
    outcome: Literal["accepted", "partly", "rejected", "superseded"] | None = None


class AgentStep(ToldStep):
    """A programming agent at work."""

    kind: Literal["agent"] = "agent"
    tool: str
    tool_version: str | None = None
    model: str | None = None
    agent_session: str | None = None
    """The same for all steps of one conversation; an ordinal, not the agent's own id."""
    event: Literal["prompt", "tool_call", "tool_result", "end", "message"]
    """`message`: words of the agent on the way, which only imported recordings hold."""
    call: Count | None = None
    """Number of the tool call; a call and its result have the same."""
    tool_name: str | None = None
    """What was called, such as `Write` or `Bash`."""
    line: str | None = None
    """The command line of a tool that runs commands."""
    failed: bool | None = None
    """For a result: whether the call was reported to the agent as failed."""
    text: str | None = None
    """Words of a prompt, an answer or a result; only where the person opted in."""
    paths: tuple[str, ...] = ()
    """Files that the tool was to write."""
    state_before: Count | None = None
    state_after: Count | None = None
    foreign: str | None = None
    """Of an imported step: JSON of what its source says and no other field holds."""


class CommandStep(DiskStep):
    """A program was run."""

    kind: Literal["command"] = "command"
    argv: tuple[str, ...] = ()
    line: str | None = None
    cwd: str | None = None
    shell: str | None = None
    shell_level: Count | None = None
    """How many shells deep, as SHLVL counts: more than the first one's is a nested shell."""
    tty: bool | None = None
    agent_marker: str | None = None
    """The agent whose variable stood in its environment; a name from a list."""
    exit_code: int | None = None
    signal: int | None = None
    duration_ns: Count | None = None
    output_bytes: Count | None = None
    output_state: Literal["full", "head_tail", "none"] = "none"
    output: Output | None = None
    run_ids: tuple[str, ...] | None = None
    """The test runs it made, by their `run_id`; None for none."""
    via: Literal["terminal", "task"] | None = None
    """The part of an editor that saw it run; None where no editor did."""
    disk: tuple[DiskFile, ...] = ()
    """Files seen on disk after it."""


class TestsStep(DiskStep):
    """One run of a test command. Its results are claims of the tested process."""

    __test__ = False

    kind: Literal["tests"] = "tests"
    run_id: str
    framework: str
    framework_version: str | None = None
    argv: tuple[str, ...] = ()
    selection: tuple[str, ...] = ()
    collected: Count | None = None
    deselected: Count | None = None
    not_run: Count | None = None
    seed: str | None = None
    workers: Count | None = None
    stopped_early: bool | None = None
    agent_marker: str | None = None
    """The agent that the tested process found in its environment."""
    exit_code: int | None = None
    duration_ns: Count | None = None
    state_before: Count | None = None
    state_after: Count | None = None
    exactness: Literal["exact", "raced", "unknown"] = "unknown"
    runnable: bool | None = None
    unsaved_paths: tuple[str, ...] = ()
    services: tuple[str, ...] | None = None
    """Well-known services that listened on the machine when it began; None: nobody looked."""
    cases: Cases = Cases()
    disk: tuple[DiskFile, ...] = ()
    """Files seen on disk when the run began."""


class GitStep(DiskStep):
    """One operation of git, from its reflog or the watcher."""

    kind: Literal["git"] = "git"
    operation: Literal[
        "commit",
        "amend",
        "checkout",
        "branch",
        "merge",
        "rebase",
        "reset",
        "revert",
        "cherry-pick",
        "stash",
        "pull",
        "tag",
        "restore",
        "push",
        "fetch",
        "other",
    ]
    head_before: str | None = None
    head_after: str | None = None
    branch: str | None = None
    parents: tuple[str, ...] = ()
    index_tree: str | None = None
    merge_base: str | None = None
    message: str | None = None
    dirty: dict[str, int] = Field(default={})
    disk: tuple[DiskFile, ...] = ()
    """Files seen on disk after it."""


class FilesStep(DiskStep):
    """Changes on disk that no open document explains."""

    kind: Literal["files"] = "files"
    is_base: bool | None = None
    """True: nothing changed; so the work tree differed from its commit at the start."""
    is_tree: bool | None = None
    """True, with `is_base`: no difference, but what the base commit itself holds."""
    changed: tuple[DiskFile, ...] = ()
    changed_count: Count = 0
    """How many files changed, those that are not named among them."""
    withheld_count: Count | None = None
    """How many files of this step were taken out of a shared episode, names and all."""
    while_paused: bool | None = None
    """True: some of the text may have been written while recording was off."""
    resolvable: bool | None = None
    """Whether a commit of the repository holds what the step holds no content of."""


class CheckpointStep(DiskStep):
    """Replay and disk were compared, and agreed."""

    kind: Literal["checkpoint"] = "checkpoint"
    disk: tuple[DiskFile, ...] = ()
    tree_sha256: Sha256 | Literal["withheld"] | None = None


class ResyncStep(FileStep):
    """Replay and truth differed; from here the text is this."""

    kind: Literal["resync"] = "resync"
    reason: Literal[
        "mismatch",
        "missed_change",
        "external",
        "git",
        "anchor",
        "invalid_change",
        "cut",
        "unknown",
    ]
    target: Literal["buffer", "disk"]
    mode: str | None = None
    """Of a file on disk, as git writes it."""
    blob: BlobIndex | None = None
    """The full content; None when the file is gone."""
    disk_sha256: Sha256 | Literal["withheld"] | None = None
    text_sha256: Sha256 | None = None


class GapStep(ToldStep):
    """Nothing was recorded, and why."""

    kind: Literal["gap"] = "gap"
    reason: GapReason
    duration_ns: Count | None = None
    last_input_ns: Count | None = None
    """When the person last did something that was seen (`t_ns`)."""
    count: Count | None = None
    """How many things are missing, where that is known."""
    basis: Basis | None = None
    """How the reason is known: `inferred` when no editor reported the keyboard focus."""
    over_bytes: Count | None = None
    """Of a file that is too large: the limit, or the highest power of two below its size."""


class EditStep(FileStep):
    """One contiguous replacement; only for showing, files hold columns of them."""

    kind: Literal["edit"] = "edit"
    n: Count
    start: Count
    deleted: Count
    """Length of what was replaced, in code points."""
    text: str
    txn: Count | None = None
    version: int | None = None
    cursor: Count | None = None


KnownStep = (
    TaskStep
    | NoteStep
    | EnvironmentStep
    | OpenStep
    | CloseStep
    | SaveStep
    | CreateStep
    | RenameStep
    | DeleteStep
    | ViewStep
    | SelectStep
    | FocusStep
    | SearchStep
    | DiagnosticsStep
    | AssistStep
    | AgentStep
    | CommandStep
    | TestsStep
    | GitStep
    | FilesStep
    | CheckpointStep
    | ResyncStep
    | GapStep
    | EditStep
)
"""Any step of a kind that this release knows."""
Step = Annotated[KnownStep, Field(discriminator="kind")]
"""A discriminated union by `kind`, for parsing."""


class UnknownStep(StepBase):
    """A kind that a newer release wrote; kept as it is, dropped by `apply`."""

    kind: str

    model_config = ConfigDict(frozen=True, extra="allow", hide_input_in_errors=True)


AnyStep = KnownStep | UnknownStep
"""Any step of an episode. Code that depends on the kind uses `match`, so that mypy finds missing
cases. Where all kinds of a group are treated alike, match the base class of the group.
"""

STEP_MODELS: Final[Mapping[str, type[KnownStep]]] = {
    model.model_fields["kind"].default: model for model in get_args(KnownStep)
}
"""Kind to model, in the order of `KnownStep`."""
STEP_KINDS: Final[tuple[str, ...]] = tuple(STEP_MODELS)
_FIELDS: Final = {model: model.model_fields.keys() for model in STEP_MODELS.values()}
FILE_STATE_KINDS: Final[frozenset[str]] = frozenset(
    kind for kind, model in STEP_MODELS.items() if issubclass(model, FileStep | DiskStep)
)
"""Kinds that affect the state of files, so that a plan may not cut them by kind."""


def parse_step(value: Mapping[str, object]) -> AnyStep:
    """Validate a decoded mapping as a step.

    Unknown fields of a known kind are dropped, since they were never reviewed
    (threat 9). A step of unknown kind keeps all its fields.

    Raises:
        DamagedError: a known kind lacks a field or has an invalid value.
    """
    kind = value.get("kind")
    model = STEP_MODELS.get(kind) if isinstance(kind, str) else None
    try:
        if model is None:
            return UnknownStep.model_validate(value)
        known = _FIELDS[model]
        if value.keys() <= known:
            return model.model_validate(value)
        return model.model_validate({key: item for key, item in value.items() if key in known})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise DamagedError(
            f"a step of kind {kind!r} is not valid at {place or 'its top'}: {first['msg']}"
        ) from None


def seen_on_disk(step: AnyStep) -> tuple[DiskFile, ...]:
    """Return the files on disk that a step lists; none for a step of unknown kind."""
    if isinstance(step, FilesStep):
        return step.changed
    return step.disk if isinstance(step, DiskStep) else ()


def step_json(step: AnyStep) -> dict[str, object]:
    """Return the published JSON form: `seq` first, unset optional fields left out."""
    return step.model_dump(mode="json", by_alias=True, exclude_none=True)
