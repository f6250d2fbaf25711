"""Reads, once and before anything else, the facts that sealing needs from outside its journals.

Unrecorded reflog entries, commits on remotes, identities of this machine, symbolic links into the
workspace: all of these may have changed by the time a session is sealed again, so they are stored
first. Sealing again then gives the same bytes.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector import __version__
from signoff_collector.capture.journal.frame_reader import HOLE, FrameReader
from signoff_collector.capture.journal.journal_frames import (
    RecordKind,
    fields_in,
    method_in,
    unpack_body,
)
from signoff_collector.capture.journal.records import WriterRecords
from signoff_collector.capture.sessions.git_seen import unseen_steps
from signoff_collector.episode import zstd
from signoff_collector.seal.gathering.base_files import read_base_files, read_held
from signoff_collector.seal.gathering.base_texts import (
    is_declared_public,
    read_base_texts,
    read_commits,
    unpacked,
)
from signoff_collector.seal.gathering.endings import Closing, endings
from signoff_collector.seal.gathering.gathered import BaseFacts, Gathered, LateStep
from signoff_collector.seal.gathering.organisation import read_domains
from signoff_collector.seal.gathering.people import holders, own_names, read_people
from signoff_collector.seal.gathering.tree_facts import TreeFacts
from signoff_collector.seal.gathering.vocabulary import read_vocabulary
from signoff_collector.seal.paths import WorkspacePaths
from signoff_collector.system.files.spelling import folded, folds, true_name
from signoff_collector.system.users import entry_of_account
from signoff_collector.text.file_uris import path_of_uri
from signoff_collector.text.lsp_params import parse_params, uri_of
from signoff_schemas.errors import SignoffError
from signoff_schemas.untyped import fields_of, list_of

if TYPE_CHECKING:
    from signoff_collector.capture.git.git import Git
    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.redaction.interface import Identities
    from signoff_collector.seal.gathering.base_files import BaseFile
    from signoff_schemas.words import Owner

_OPENING: Final = b"/didOpen"
_LOOKED_INTO: Final = frozenset(
    {RecordKind.ANCHOR, RecordKind.CLOCK, RecordKind.STEP, RecordKind.TREE, RecordKind.FILES}
)
_MAX_COMMITS: Final = 50
_S: Final = 10**9
_HEAD_CHARS: Final = 4_000
"""Length of the beginning of a file that is searched for a licence header."""
_VERSIONED: Final = ("msgpack", "numpy")
"""Packages whose version affects the bytes of an episode, as zstd's does."""


def gather(
    session: Session,
    writers: list[WriterRecords],
    git: Git | None,
    *,
    environ: Mapping[str, str] = os.environ,
    is_offline: bool = False,
    owner: Owner | None = None,
    is_strict: bool = False,
    is_masked_later: bool = True,
    is_read_once: bool = False,
) -> Gathered:
    """Return all outside facts that a session's episode depends on; read-only.

    Args:
        session: over, and owned by the caller.
        writers: its writers.
        git: the safe git in the workspace; None outside of a repository.
        environ: source of the user's names.
        is_offline: whether this process runs in an empty network namespace.
        is_strict: whether tokens without known words are masked, too.
        owner: owner of the code, if the person declared one.
        is_masked_later: False skips the facts that only redaction needs, which take longest.
        is_read_once: True skips base files that git changed in bulk. They are needed to number
            equal trees, not for any text.
    """
    from signoff_collector.redaction.interface import Identities

    facts = _Scan(session)
    late = _late_steps(session, facts)
    base = _base(session, git, facts, late)
    moved = {str(step.fields[name]) for step in late for name in _HEADS if step.fields.get(name)}
    first = [] if base.commit is None else [base.commit]
    commits = [*first, *sorted((moved | facts.commits).difference(first))]
    known = git if is_masked_later else None
    base_texts = _base_texts(session, known, base.commit, facts)
    return Gathered(
        session=session.id,
        root=str(session.root),
        boot_id=session.boot_id,
        seed=secrets.token_bytes(32),
        paths=_paths(session, facts.uris),
        control=tuple(session.control_lines()),
        endings=endings(session, facts.closings),
        late=late,
        base=base,
        base_texts=base_texts,
        base_is_public=known is not None and is_declared_public(known, base.commit, owner),
        commits=() if known is None else read_commits(known),
        base_files=_base_files(
            session, git, facts, facts.tree.apart if is_read_once else facts.tree.changed
        ),
        in_repository=_in_repository(session, git, facts),
        public_commits=_public(git, commits[:_MAX_COMMITS]),
        identities=(
            _identities(session, git, environ, base_texts) if is_masked_later else Identities()
        ),
        exact_values="relearned",
        policy_sha256=_policy_sha256(),
        captured_on=datetime.fromtimestamp(session.started_wall_ns // _S, UTC).date().isoformat(),
        versions=_versions(writers),
        is_offline=is_offline,
        words=(read_vocabulary(git, session.root, facts.tree.changed) if is_masked_later else ""),
        is_strict=is_strict,
    )


_HEADS: Final = ("head_before", "head_after")


class _Scan:
    """Facts found in one pass over the journals."""

    def __init__(self, session: Session) -> None:
        self.uris: set[str] = set()
        self.commits: set[str] = set()
        self.first_head: tuple[int, str] | None = None
        """Time and `head_before` of the first git step."""
        self.tree = TreeFacts()
        self.clocks: list[tuple[int, int]] = [(session.started_wall_ns, session.started_boot_ns)]
        self.end_boot_ns = session.started_boot_ns
        self.closings: dict[str, Closing] = {}
        """The end of each writer's journals."""
        for path in session.journals:
            self._read(path)

    def _read(self, path: Path) -> None:
        """Decode the records that gathering needs; most messages are skipped."""
        header: Mapping[str, object] = {}
        last: tuple[int, bytes] | None = None
        for kind, payload in FrameReader(path):
            if kind == HOLE:
                continue
            last = kind, payload
            if kind == RecordKind.HEADER:
                header = fields_in(payload)
            elif kind in _LOOKED_INTO or (
                kind == RecordKind.LSP and method_in(payload).endswith(_OPENING)
            ):
                with suppress(ValueError, SignoffError):
                    self._take(kind, unpack_body(payload))
        writer_id, segment = header.get("writer_id"), header.get("segment")
        if isinstance(writer_id, str) and type(segment) is int:
            closing = self.closings.setdefault(writer_id, Closing(header=header))
            closing.take_segment(segment, last)

    def _take(self, kind: int, body: object) -> None:
        if kind in (RecordKind.LSP, RecordKind.CLOCK):
            items = list_of(body)
            if kind == RecordKind.CLOCK and len(items) >= 2:
                t_boot_ns, t_wall_ns = items[:2]
                if type(t_boot_ns) is int and type(t_wall_ns) is int:
                    self.clocks.append((t_wall_ns, t_boot_ns))
                    self.end_boot_ns = max(self.end_boot_ns, t_boot_ns)
            elif len(items) == 3 and isinstance(items[2], bytes):
                self._note_uri(uri_of(parse_params(items[2])))
            return
        fields = fields_of(body)
        self.tree.take(kind, fields)
        if kind == RecordKind.ANCHOR:
            self._note_uri(fields.get("uri"))
        t_boot_ns = fields.get("t_boot_ns")
        if kind == RecordKind.STEP and fields.get("kind") == "git" and type(t_boot_ns) is int:
            self.end_boot_ns = max(self.end_boot_ns, t_boot_ns)
            before = fields.get("head_before")
            if isinstance(before, str) and (not self.first_head or t_boot_ns < self.first_head[0]):
                self.first_head = (t_boot_ns, before)
            self.commits |= {str(fields[name]) for name in _HEADS if fields.get(name)}

    def _note_uri(self, uri: object) -> None:
        if isinstance(uri, str):
            self.uris.add(uri)

    def boot_ns(self, t_wall_ns: int, not_before_ns: int) -> int:
        """Convert a wall-clock time to time since boot, by the recorded readings of both clocks.

        Between two readings the wall clock may have been set, so a wall time may match several
        moments, or none. The first match not before `not_before_ns` counts, else the conversion
        by the nearest reading.
        """
        readings = sorted(self.clocks, key=lambda pair: pair[1])
        ends = [boot_ns for _, boot_ns in readings[1:]] + [1 << 62]
        for (wall_ns, boot_ns), end_ns in zip(readings, ends, strict=True):
            found = boot_ns + t_wall_ns - wall_ns
            if max(boot_ns, not_before_ns) <= found < end_ns + _S:
                return found
        wall_ns, boot_ns = min(readings, key=lambda pair: abs(pair[0] - t_wall_ns))
        return boot_ns + t_wall_ns - wall_ns


def _paths(session: Session, uris: set[str]) -> dict[str, str | None]:
    """Resolve the URIs of documents that are in the workspace in another spelling.

    That is through symbolic links; and where the disk folds names, as it spells the file, or as
    another URI spelled it before it was gone: one file is one path.
    """
    lexical = WorkspacePaths(str(session.root), {})
    is_folding = folds(session.root)
    found: dict[str, str | None] = {}
    spelled: dict[str, str] = {}
    for uri in sorted(uris):
        absolute = path_of_uri(uri)
        if absolute is None or not (is_folding or lexical.of_uri(uri) is None):
            continue
        path = lexical.relative(true_name(absolute))
        if path is not None and is_folding:
            path = spelled.setdefault(folded(path), path)
        found[uri] = path
    return {uri: path for uri, path in found.items() if path is not None}


def _late_steps(session: Session, facts: _Scan) -> tuple[LateStep, ...]:
    try:
        steps = unseen_steps(session)
    except SignoffError:
        return ()
    found: list[LateStep] = []
    latest_ns = session.started_boot_ns
    for step in steps:
        second = step.get("reflog_wall_s")
        if type(second) is not int:
            continue
        t_boot_ns = facts.boot_ns((second + 1) * _S - 1, latest_ns)
        if session.started_boot_ns <= t_boot_ns <= facts.end_boot_ns + 60 * _S:
            latest_ns = max(latest_ns, t_boot_ns)  # keep the order of the reflog
            found.append(LateStep(boot_id=session.boot_id, t_boot_ns=latest_ns, fields=step))
    return tuple(found)


def _base(session: Session, git: Git | None, facts: _Scan, late: tuple[LateStep, ...]) -> BaseFacts:
    """Return commit, branch and dirtiness of the repository at the start of the session."""
    if git is None or git.repository is None:
        return BaseFacts()
    from signoff_collector.capture.git.git import read_head

    try:
        head = read_head(git.repository)
    except SignoffError:
        return BaseFacts()
    if facts.tree.head is not None:
        entries, is_complete = facts.tree.entries, facts.tree.is_complete
        return BaseFacts(
            commit=facts.tree.head,
            branch=None if head.branch is None else head.branch.removeprefix("refs/heads/"),
            is_dirty=len(entries) > 0 if entries or is_complete else None,
            dirty_files=len(entries) if is_complete else None,
        )
    moved = [str(step.fields["head_before"]) for step in late if step.fields.get("head_before")]
    commit = facts.first_head[1] if facts.first_head else moved[0] if moved else head.commit
    told = session.fields.get("base")
    known = fields_of(told)
    dirty = known.get("dirty_files")
    return BaseFacts(
        commit=commit,
        branch=None if head.branch is None else head.branch.removeprefix("refs/heads/"),
        is_dirty=dirty > 0 if type(dirty) is int else None,
        dirty_files=dirty if type(dirty) is int else None,
    )


def _base_files(
    session: Session, git: Git | None, facts: _Scan, changed: set[str]
) -> dict[str, BaseFile | None]:
    """Return the base commit's files at the paths that the file watcher saw change."""
    head = facts.tree.head
    if git is None or head is None:
        return {}
    return read_base_files(git, session.root, head, changed - facts.tree.entries)


def _in_repository(session: Session, git: Git | None, facts: _Scan) -> tuple[str, ...]:
    """Return the contents that the file watcher did not keep but the repository has."""
    if git is None:
        return ()
    contents = facts.tree.contents
    lacking = {sha256 for _, sha256 in contents if not (session.blobs / sha256).exists()}
    paths = facts.tree.changed | facts.tree.entries
    return read_held(git, session.root, paths, lacking) if lacking else ()


def _public(git: Git | None, commits: list[str]) -> tuple[str, ...]:
    """Return the commits that are contained in a remote-tracking branch."""
    if git is None:
        return ()
    found: list[str] = []
    for commit in commits:
        try:
            refs = git.run("for-each-ref", "--count=1", f"--contains={commit}", "refs/remotes")
        except SignoffError:
            continue
        if refs.strip():
            found.append(commit)
    return tuple(found)


def _base_texts(
    session: Session, git: Git | None, commit: str | None, facts: _Scan
) -> dict[str, bytes]:
    """Return the base commit's texts of the files that the session opened or changed."""
    if git is None or commit is None:
        return {}
    paths = WorkspacePaths(str(session.root), {})
    opened = {path for uri in facts.uris if (path := paths.of_uri(uri)) is not None}
    return read_base_texts(git, session.root, commit, opened | facts.tree.changed)


def _identities(
    session: Session, git: Git | None, environ: Mapping[str, str], base_texts: dict[str, bytes]
) -> Identities:
    from signoff_collector.redaction.values.identities import machine_identities

    own: tuple[str, ...] = ()
    people: set[tuple[str, str]] = set()
    if git is not None:
        own = own_names(git)
        people |= {(one, "") if "@" not in one else ("", one) for one in own}
        people |= set(read_people(git))
        for text in unpacked(base_texts).values():
            people |= set(holders(text[:_HEAD_CHARS]))
    account = _account()
    known = machine_identities(
        {**account, **environ},
        session.root,
        authors=sorted(people),
        own=own,
        domains=read_domains(git, own),
    )
    names = {*known.user_names, *([account["USER"]] if "USER" in account else [])}
    homes = {*known.home_paths, *([account["HOME"]] if "HOME" in account else [])}
    return replace(known, user_names=tuple(sorted(names)), home_paths=tuple(sorted(homes - {"/"})))


def _account() -> dict[str, str]:
    """Return user name and home of this account from the system, not from the environment."""
    entry = entry_of_account()
    return {} if entry is None else {"USER": entry.name, "HOME": entry.home}


def _policy_sha256() -> str:
    """Return a digest of this release's never-record list, without the user's own (threat 20)."""
    from signoff_collector.capture.opt_in import never_record

    source = Path(never_record.__file__)
    return hashlib.sha256(source.read_bytes()).hexdigest()


def _versions(writers: list[WriterRecords]) -> dict[str, str]:
    from signoff_collector.redaction.detectors import detectors

    found = {"signoff": __version__, "detectors": str(getattr(detectors, "VERSION", "1"))}
    found["zstd"] = zstd.VERSION
    for package in _VERSIONED:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    bridges = sorted({writer.header.tool_version for writer in writers if writer.is_editor})
    if bridges and bridges != [__version__]:
        found["bridge"] = ", ".join(bridges)
    return found
