"""Whose code it is: every answer that was given, kept for ever in `config/owners.jsonl`.

An answer holds for what is recorded from then on, at its folder, below it and in copies of its
repository. That the code is an employer's is a lock, whoever says it; any other answer counts only
from a person, and lifts a lock only where it was put or below. What a session was sealed under
stays with the digest of its episode (docs/decisions/0026-only-a-person-lifts-a-lock.md).

Each line is sealed together with the line before it. Where that is broken, answers up to there free
nothing any more, and locks stay.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.opt_in.remotes import bound_remote, normalise_remote
from signoff_collector.own_files.local_key import LocalKey
from signoff_collector.own_files.private_files import append_line, locked, read_regular
from signoff_collector.workspaces.work_trees import read_first_line, read_small, work_tree_of
from signoff_schemas.errors import NotFoundError
from signoff_schemas.untyped import fields_of, list_of
from signoff_schemas.words import Owner

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signoff_collector.own_files.home import Home

_PURPOSE: Final = "owners"
_MAX_BYTES: Final = 64 << 20
_MAX_CONFIG_BYTES: Final = 1 << 20
_MARK_DIGITS: Final = 32
_TOP: Final = PurePosixPath()
CHANGED: Final = (
    "config/owners.jsonl, which holds whose code it is, was changed by another program: no answer"
    " up to there frees code any more; `signoff enable` in a terminal asks again."
)
FREE: Final = frozenset({Owner.MINE, Owner.OPEN_SOURCE})
"""Owners whose code may be shared without a permission."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodePlace:
    """A folder or file, with what tells copies of its repository."""

    root: Path
    """Real path."""
    marks: frozenset[str] = frozenset()
    """Digests of the repository's birth, remote and first commit."""
    inside: PurePosixPath = _TOP
    """Path below the top of the work tree."""

    def reaches(self, other: CodePlace) -> bool:
        """Whether what is said of this place is said of the other one, or of a copy, too."""
        if other.root.is_relative_to(self.root):
            return True
        return bool(self.marks & other.marks) and other.inside.is_relative_to(self.inside)

    def below(self, name: str) -> CodePlace:
        """Return the place of a file below this one."""
        return CodePlace(root=self.root / name, marks=self.marks, inside=self.inside / name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer to the question whose code it is."""

    at: CodePlace
    owner: Owner
    is_person: bool
    wall_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What one sealed episode was recorded under."""

    sha256: str
    root: Path
    owner: Owner | None
    """None: nobody who may say it had said it by then."""


def code_place(path: Path) -> CodePlace:
    """Return the place at a real path; reads `.git` only, and runs nothing."""
    tree = work_tree_of(path)
    if tree is None:
        return CodePlace(root=path)
    said = [f"remote {normalise_remote(os.fspath(tree.root))}"]
    if tree.common_dir is not None:
        config = read_small(tree.common_dir / "config", _MAX_CONFIG_BYTES)
        remote = None if config is None else bound_remote(config)
        said += [] if remote is None else [f"remote {remote}"]
        birth = birth_of(tree.common_dir)
        said += [] if birth is None else [f"birth {birth}"]
        first = read_first_line(tree.common_dir / "logs" / "HEAD")
        said += [] if first is None else [f"first {first.hex()}"]
    marks = frozenset(hashlib.sha256(one.encode("utf-8", "surrogateescape")) for one in said)
    return CodePlace(
        root=path,
        marks=frozenset(one.hexdigest()[:_MARK_DIGITS] for one in marks),
        inside=PurePosixPath(path.relative_to(tree.root)),
    )


def birth_of(common_dir: Path) -> str | None:
    """Identify a repository by a file that git creates with it and never writes again."""
    try:
        made = os.lstat(common_dir / "description")
    except OSError:
        return None
    return f"{made.st_ino}-{made.st_mtime_ns}"


class Owners:
    """The answers and sealed recordings of one home."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._path = home.config / "owners.jsonl"
        self._key = LocalKey(home)

    def is_locked(
        self, place: CodePlace, files: Iterable[str] = (), *, since_ns: int | None = None
    ) -> bool:
        """Return whether code at a place, or in some files below it, is an employer's.

        Args:
            place: the folder or file.
            files: names below it that count too.
            since_ns: wall clock; a lock that was lifted only after this counts as well.
        """
        answers = self._read().answers
        at = [place, *(place.below(name) for name in files)]
        return any(
            _is_lasting(lock, where, answers[number + 1 :], since_ns)
            for number, lock in enumerate(answers)
            if lock.owner is Owner.EMPLOYER
            for where in at
            if lock.at.reaches(where)
        )

    def persons_word(self, root: Path) -> Owner | None:
        """Return what a person said last of exactly this folder or file; None: nothing."""
        said = [one for one in self._read().answers if one.at.root == root and one.is_person]
        return said[-1].owner if said else None

    def recorded(self, sha256: str) -> Recorded | None:
        """Return what an episode was recorded under; None: it was not sealed here."""
        return self._read().recorded.get(sha256)

    @property
    def was_changed(self) -> bool:
        """Whether somebody else wrote into the file since a person last answered."""
        return self._read().was_changed

    def say(self, place: CodePlace, owner: Owner, *, is_person: bool, wall_ns: int) -> None:
        """Keep an answer; a program's counts only if it locks, so that no other is kept.

        Raises:
            SignoffError: it cannot be written.
        """
        if not is_person and owner is not Owner.EMPLOYER:
            return
        self._append(
            {
                "said": owner.value,
                "by": "person" if is_person else "program",
                "root": _text_of(place.root),
                "marks": sorted(place.marks),
                "inside": _text_of(place.inside),
                "wall_ns": wall_ns,
            }
        )

    def keep_recorded(self, sha256: str, root: Path, owner: Owner | None) -> None:
        """Keep what an episode was recorded under; said twice, the stricter one stays.

        Raises:
            SignoffError: it cannot be written.
        """
        known = self.recorded(sha256)
        if known is not None and known.owner in (owner, Owner.EMPLOYER):
            return
        said = None if owner is None else owner.value
        self._append({"sealed": sha256, "root": _text_of(root), "owner": said})

    def _append(self, body: dict[str, object]) -> None:
        self._home.ensure()
        with locked(self._home.config / "owners.lock"):
            content = self._content()
            if content and not content.endswith(b"\n"):
                append_line(self._path, "")  # ends a torn line
            last = next((_seal_of(line) for line in reversed(content.splitlines())), "")
            text = json.dumps(body, ensure_ascii=True)
            seal = self._key.seal(_PURPOSE, f"{last}\n{text}".encode())
            append_line(self._path, json.dumps({"line": text, "seal": seal}, ensure_ascii=True))

    def _content(self) -> bytes:
        try:
            return read_regular(self._path, max_bytes=_MAX_BYTES)
        except NotFoundError:
            return b""

    def _read(self) -> _Kept:
        kept, before = _Kept(), ""
        for line in self._content().splitlines():
            fields = _fields(line)
            text, seal = fields.get("line"), _seal_of(line)
            is_ours = isinstance(text, str) and self._key.is_sealed(
                _PURPOSE, f"{before}\n{text}".encode("utf-8", "replace"), seal
            )
            if not is_ours:
                kept.distrust()
            kept.add(_fields(text.encode("utf-8", "replace")) if isinstance(text, str) else {})
            if not is_ours:
                kept.distrust()
            before = seal
        return kept


class _Kept:
    """Everything that the file says, as far as it can be believed."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.recorded: dict[str, Recorded] = {}
        self.was_changed = False

    def add(self, fields: dict[str, object]) -> None:
        """Take one line in; a line of no known form says nothing."""
        match fields:
            case {"said": str(said), "by": str(by), "root": str(root), "wall_ns": int(wall_ns)}:
                owner = _owner(said)
                if owner is None:
                    return
                inside = fields.get("inside")
                place = CodePlace(
                    root=Path(root),
                    marks=frozenset(
                        one for one in list_of(fields.get("marks")) if isinstance(one, str)
                    ),
                    inside=PurePosixPath(inside if isinstance(inside, str) else ""),
                )
                answer = Answer(at=place, owner=owner, is_person=by == "person", wall_ns=wall_ns)
                self.answers.append(answer)
                self.was_changed = self.was_changed and not answer.is_person
            case {"sealed": str(sha256), "root": str(root)}:
                known = self.recorded.get(sha256)
                if known is not None and known.owner is Owner.EMPLOYER:
                    return
                owner = _owner(fields.get("owner"))
                self.recorded[sha256] = Recorded(sha256=sha256, root=Path(root), owner=owner)
            case _:
                return

    def distrust(self) -> None:
        """Drop what frees: somebody else wrote up to here."""
        self.was_changed = True
        self.answers = [one for one in self.answers if one.owner is Owner.EMPLOYER]
        self.recorded = {
            sha256: one
            if one.owner is Owner.EMPLOYER
            else Recorded(sha256=sha256, root=one.root, owner=None)
            for sha256, one in self.recorded.items()
        }


def _is_lasting(
    lock: Answer, where: CodePlace, later: Iterable[Answer], since_ns: int | None
) -> bool:
    """Return whether no person lifted a lock for a place, or not before `since_ns`."""
    lifted = next(
        (
            one
            for one in later
            if one.owner is not Owner.EMPLOYER
            and one.is_person
            and where.root.is_relative_to(one.at.root)
            and lock.at.reaches(one.at)
        ),
        None,
    )
    return lifted is None or (since_ns is not None and lifted.wall_ns > since_ns)


def _owner(value: object) -> Owner | None:
    return next((one for one in Owner if one.value == value), None)


def _fields(line: bytes) -> dict[str, object]:
    try:
        parsed: object = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return fields_of(parsed)


def _seal_of(line: bytes) -> str:
    seal = _fields(line).get("seal")
    return seal if isinstance(seal, str) else ""


def _text_of(path: os.PathLike[str]) -> str:
    return os.fspath(path)
