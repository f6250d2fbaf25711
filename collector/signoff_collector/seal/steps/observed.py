"""Converts companion messages and journalled steps to steps of the episode."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, cast

from signoff_collector.episode.moments.tree_hash import PENDING
from signoff_collector.seal.building.building import Builder, as_text, known_kind
from signoff_collector.seal.disk.checkpoints import Checkpoints, seen_files
from signoff_collector.seal.disk.explaining import LEAVES_FILES
from signoff_collector.seal.git_commands import git_operations
from signoff_collector.seal.steps.command_authors import take_author
from signoff_collector.seal.steps.test_runs import TestRuns
from signoff_collector.text.positions import column_in
from signoff_schemas.untyped import is_items, list_of
from signoff_schemas.words import RESTORED

if TYPE_CHECKING:
    from signoff_collector.seal.building.known_disk import Disk
    from signoff_collector.seal.documents.documents import Document
    from signoff_collector.seal.pseudonyms import Pseudonyms
    from signoff_collector.text.positions import Encoding

_SEVERITIES: Final = {1: "error", 2: "warning", 3: "information", 4: "hint"}
_OWN_KINDS: Final = frozenset({"open", "close", "save", "resync", "checkpoint"})
"""Kinds that only sealing makes; a journalled step of such a kind is dropped."""
_CHANGES_DISK: Final = frozenset({"git", "files", "command", "tests", "create", "delete", "rename"})
_ENDS_WITH_TREE: Final = frozenset({"git", "tests"})
"""Steps after which the whole tree is hashed."""
_MAX_ITEMS: Final = 200
_MOST_LABELS: Final = 10
_FEATURES: Final = ("completion", "inline_suggestion", "code_action", "rename", "format")
_OUTCOMES: Final = ("accepted", "partly", "rejected", "superseded")
_SCOPES: Final = ("file", "workspace", "symbol", "path")
_ASSIST_TEXTS: Final = ("feature", "provider", "model", "trigger", "chosen", "outcome")


class Observed:
    """Validates, completes and adds steps that are not edits."""

    def __init__(
        self,
        builder: Builder,
        disk: Disk,
        checkpoints: Checkpoints,
        names: Pseudonyms,
        *,
        relative: Callable[[str], str | None],
        read_blob: Callable[[str], bytes | None],
    ) -> None:
        self._builder = builder
        self._disk = disk
        self._checkpoints = checkpoints
        self._names = names
        self._relative = relative
        self._read_blob = read_blob
        self._environments: dict[str, int] = {}
        """Source to the number of its latest `environment` step."""
        self._environment_count = 0
        self._test_runs = TestRuns(builder)
        self._tasks = 0
        self.has_tree = False
        """Whether a file watcher recorded the whole tree, so that trees can be hashed."""

    def step(self, source: str, journalled: Mapping[str, object]) -> None:
        """Handle a STEP record.

        Raises:
            DamagedError: it has no known kind.
        """
        kind = known_kind(journalled)
        if kind in _OWN_KINDS:
            self._builder.dropped_steps += 1
            return
        fields = {
            name: value
            for name, value in journalled.items()
            if name not in ("seq", "t_ns", "t_boot_ns", "kind", "source", "task", "env", "state")
        }
        if kind == "git":
            fields = self._with_pseudonyms(fields)
        if kind in ("command", "tests"):
            take_author(fields)
            fields["env"] = self._environment_of(source)
            fields["cwd"] = self._inside(fields.get("cwd"))
        if kind == "tests":
            fields["state_before"] = self._disk.state
            fields["unsaved_paths"] = self._paths(fields.get("unsaved_paths"))
        if "path" in fields:
            fields["path"] = self._inside(fields["path"])
        agreed = self._take_disk(kind, source, fields)
        self._take_file(kind, fields)
        if kind in _CHANGES_DISK:
            fields["state"] = self._disk.state
        if kind == "command":
            self._take_git(source, fields)
        if kind in ("command", "tests"):
            self._test_runs.take(kind, source, fields, self._disk.state)
        if kind == "task":
            self._begin_task(fields)
        elif kind == "environment":
            fields["env"] = self._environments[source] = self._environment_count
            self._environment_count += 1
        self._builder.add(kind, source, fields)
        if agreed or (self.has_tree and kind in _ENDS_WITH_TREE):
            compared: dict[str, object] = {"disk": agreed, "state": self._disk.state}
            if kind in _ENDS_WITH_TREE:
                compared["tree_sha256"] = PENDING
            self._builder.add("checkpoint", source, compared)

    def _environment_of(self, source: str) -> int | None:
        """Return the latest environment of this source, else of any source."""
        latest = self._environment_count - 1 if self._environment_count else None
        return self._environments.get(source, latest)

    def _take_disk(
        self, kind: str, source: str, fields: dict[str, object]
    ) -> list[dict[str, object]]:
        name = "changed" if kind == "files" else "disk"
        if name not in fields:
            return []
        files = seen_files(fields[name], self._relative)
        is_git = kind == "git" and str(fields.get("operation")) not in LEAVES_FILES
        moved_by = "git" if is_git else "external" if kind == "files" else None
        argv = fields.get("argv")
        if kind == "command" and is_items(argv) and list(argv[:2]) == RESTORED.split():
            moved_by = RESTORED
        fields[name], agreed = self._checkpoints.seen_on_disk(source, files, moved_by=moved_by)
        return agreed

    def _take_git(self, source: str, command: Mapping[str, object]) -> None:
        """Add, before a command, steps for its git operations that no watcher can see."""
        for told in git_operations(command):
            common = {name: command.get(name) for name in ("t_kind", "actor", "state")}
            self._builder.add("git", source, {**common, **told})

    def _take_file(self, kind: str, fields: dict[str, object]) -> None:
        """Apply create, rename and delete to the model of the disk."""
        path = fields.get("path")
        if kind not in ("create", "rename", "delete") or not isinstance(path, str):
            return
        from signoff_collector.seal.building.known_disk import GONE

        if kind == "delete":
            self._disk.put(path, GONE)
            return
        if kind == "rename":
            old = self._inside(fields.get("old_path"))
            fields["old_path"] = old
            if isinstance(old, str):
                self._disk.rename(old, path)
            return
        sha256 = fields.get("disk_sha256")
        content = self._read_blob(sha256) if isinstance(sha256, str) else None
        if content is not None and isinstance(sha256, str):
            fields["blob"] = self._builder.blob(content)
            self._disk.put(path, sha256, text=None if as_text(content) is None else sha256)

    def _with_pseudonyms(self, fields: dict[str, object]) -> dict[str, object]:
        names = self._names
        for name in ("head_before", "head_after", "index_tree", "merge_base"):
            value = fields.get(name)
            if isinstance(value, str):
                fields[name] = names.commit(value)
        parents = fields.get("parents")
        if isinstance(parents, list | tuple):
            listed = cast("list[object]", parents)
            fields["parents"] = [names.commit(item) for item in listed if isinstance(item, str)]
        branch, message = fields.get("branch"), fields.get("message")
        branches: tuple[str, ...] = ()
        if isinstance(branch, str):
            fields["branch"] = names.branch(branch)
            branches = (branch,)
        if isinstance(message, str):
            words = message.split()
            if message.startswith("checkout: moving from ") and len(words) == 6:
                branches += (words[3], words[5])
            fields["message"] = names.in_message(message, branches)
        return fields

    def _begin_task(self, fields: dict[str, object]) -> None:
        """Number a new task, which later steps belong to; an outcome closes the current one."""
        if fields.get("outcome") is not None and self._builder.task is not None:
            fields["task"] = self._builder.task
            return
        if fields.get("stated") is None:
            is_first = len(self._builder.edits) == 0
            fields["stated"] = "before_first_edit" if is_first else "during"
        self._builder.task = fields["task"] = self._tasks
        self._tasks += 1

    def _inside(self, path: object) -> str | None:
        return self._relative(path) if isinstance(path, str) else None

    def _paths(self, value: object) -> list[str]:
        items = list_of(value)
        return [inside for item in items if (inside := self._inside(item)) is not None]

    def view(self, document: Document, source: str, params: Mapping[str, object]) -> None:
        """Handle `signoff/view`."""
        visible = [
            {"first": pair[0], "last": max(pair)}
            for pair in _pairs(params.get("ranges"))
            if 0 <= pair[0] < document.text.line_count
        ]
        fields = {"path": document.path, "buffer": document.buffer, "visible": visible}
        self._builder.add("view", source, fields)

    def select(
        self,
        document: Document,
        source: str,
        params: Mapping[str, object],
        encoding: Encoding,
    ) -> None:
        """Handle `signoff/select`."""
        selections: list[tuple[int, int]] = []
        items = params.get("selections")
        for item in items[:_MAX_ITEMS] if is_items(items) else []:
            ends = [_offset(document, _member(item, name), encoding) for name in ("start", "end")]
            if ends[0] is not None and ends[1] is not None:
                selections.append((ends[0], ends[1]))
        cursor = _offset(document, params.get("cursor"), encoding)
        if cursor is None and not selections:
            return
        self._builder.add(
            "select",
            source,
            {
                "path": document.path,
                "buffer": document.buffer,
                "cursor": cursor,
                "selections": selections,
            },
        )

    def focus(self, source: str, path: str | None, params: Mapping[str, object]) -> None:
        """Handle `signoff/focus`."""
        self._builder.add(
            "focus",
            source,
            {"path": path, "gained": params.get("gained"), "to": params.get("to", "other")},
        )

    def diagnostics(
        self,
        document: Document,
        source: str,
        params: Mapping[str, object],
        encoding: Encoding,
    ) -> None:
        """Handle `signoff/diagnostics`: it holds the whole set, the step the difference."""
        items = params.get("items")
        now: dict[str, dict[str, object]] = {}
        for item in items[:_MAX_ITEMS] if is_items(items) else []:
            finding = _finding(document, item, encoding)
            if finding is not None:
                now[repr(sorted(finding.items(), key=lambda pair: pair[0]))] = finding
        before = document.findings
        document.findings = now
        appeared = [finding for key, finding in now.items() if key not in before]
        cleared = [finding for key, finding in before.items() if key not in now]
        if not appeared and not cleared:
            return
        version = params.get("version")
        self._builder.add(
            "diagnostics",
            source,
            {
                "path": document.path,
                "buffer": document.buffer,
                "version": version if isinstance(version, int) else None,
                "appeared": appeared,
                "cleared": cleared,
            },
        )

    def assist(self, document: Document, source: str, params: Mapping[str, object]) -> None:
        """Handle `signoff/assist`: the choice, with the labels that were offered."""
        if params.get("feature") not in _FEATURES:
            return
        fields = {name: params[name] for name in _ASSIST_TEXTS if isinstance(params.get(name), str)}
        if fields.get("outcome") not in _OUTCOMES:
            fields.pop("outcome", None)
        items = params.get("offered")
        offered = items[:_MOST_LABELS] if is_items(items) else []
        self._builder.add(
            "assist",
            source,
            {
                "path": document.path,
                "buffer": document.buffer,
                **fields,
                "offered": [label for label in offered if isinstance(label, str)],
            },
        )

    def search(self, document: Document, source: str, params: Mapping[str, object]) -> None:
        """Handle `signoff/search`."""
        query, scope, hits = (params.get(name) for name in ("query", "scope", "hits"))
        if not isinstance(query, str) or scope not in _SCOPES:
            return
        chosen, is_regex = params.get("chosen"), params.get("is_regex")
        self._builder.add(
            "search",
            source,
            {
                "path": document.path,
                "query": query,
                "scope": scope,
                "is_regex": is_regex if isinstance(is_regex, bool) else None,
                "hits": hits if type(hits) is int and hits >= 0 else None,
                "chosen": chosen if isinstance(chosen, str) else None,
            },
        )


def _member(value: object, name: str) -> object:
    return cast("Mapping[str, object]", value).get(name) if isinstance(value, Mapping) else None


def _pairs(value: object) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for item in value[:_MAX_ITEMS] if is_items(value) else []:
        pair = list_of(item)
        if len(pair) == 2 and all(type(number) is int for number in pair):
            found.append(cast("tuple[int, int]", (pair[0], pair[1])))
    return found


def _place(value: object) -> tuple[int, int] | None:
    line, character = _member(value, "line"), _member(value, "character")
    if type(line) is not int or type(character) is not int or line < 0 or character < 0:
        return None
    return line, character


def _offset(document: Document, value: object, encoding: Encoding) -> int | None:
    """Convert an LSP position to an offset in code points; None where the line does not exist."""
    place = _place(value)
    if place is None or place[0] >= document.text.line_count:
        return None
    at, line = document.text.line_at(place[0])
    return at + column_in(line, place[1], encoding)


def _finding(document: Document, item: object, encoding: Encoding) -> dict[str, object] | None:
    """Return one diagnostic with its range in code points."""
    message = _member(item, "message")
    if not isinstance(message, str):
        return None
    code, source, severity = (_member(item, name) for name in ("code", "source", "severity"))
    finding: dict[str, object] = {"message": message}
    if isinstance(code, str | int):
        finding["code"] = str(code)
    if isinstance(source, str):
        finding["server"] = source
    if isinstance(severity, int) and severity in _SEVERITIES:
        finding["severity"] = _SEVERITIES[severity]
    span = _member(item, "range")
    ends = [_place(_member(span, name)) for name in ("start", "end")]
    columns: list[dict[str, int]] = []
    for end in ends:
        if end is not None and end[0] < document.text.line_count:
            _, line = document.text.line_at(end[0])
            columns.append({"line": end[0], "column": column_in(line, end[1], encoding)})
    if len(columns) == 2:
        finding["range"] = {"start": columns[0], "end": columns[1]}
    return finding
