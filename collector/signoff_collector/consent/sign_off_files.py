"""A private snapshot of an episode, and the files of its sign-off beside it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.consent.signatures.sshsig import MAX_SIGNATURE_BYTES
from signoff_collector.episode.file.layout import read_version
from signoff_collector.own_files.private_files import read_regular, replace_private
from signoff_schemas.errors import DamagedError, NotFoundError, NotSignedError
from signoff_schemas.statement import MAX_STATEMENT_BYTES, parse_statement

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.own_files.home import Home

MAX_EPISODE_BYTES: Final = 1 << 30
_STATEMENT_SUFFIX: Final = ".signoff.json"
_HINT: Final = "Sign it: `signoff sign EPISODE --to AUDIENCE`."


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The bytes of an episode at one moment, independent of later changes of the file."""

    content: bytes
    sha256: str

    @property
    def size_bytes(self) -> int:
        """How many bytes."""
        return len(self.content)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOff:
    """A statement and its detached signature, as bytes; not verified."""

    statement: bytes
    signature: bytes


def take_snapshot(path: Path) -> Snapshot:
    """Read an episode once and name what was read.

    Raises:
        NotFoundError: there is no such file.
        DamagedError: it is no regular file, or larger than an episode may be.
    """
    content = read_regular(path, max_bytes=MAX_EPISODE_BYTES)
    return Snapshot(content=content, sha256=hashlib.sha256(content).hexdigest())


def statement_path(episode: Path) -> Path:
    """Return `X.signoff.json` for `X.episode`."""
    return episode.with_name(f"{episode.name.removesuffix('.episode')}{_STATEMENT_SUFFIX}")


def signature_path(episode: Path) -> Path:
    """Return `X.signoff.json.sig` for `X.episode`."""
    place = statement_path(episode)
    return place.with_name(f"{place.name}.sig")


def read_sign_off(episode: Path) -> SignOff:
    """Return the sign-off that lies beside an episode.

    Raises:
        NotSignedError: there is none, or a part of it is missing or too large.
        DamagedError: there is none, and the file is no episode that could have one.
        NewerVersionError: the same, and a newer release wrote the file.
    """
    try:
        return SignOff(
            statement=read_regular(statement_path(episode), max_bytes=MAX_STATEMENT_BYTES),
            signature=read_regular(signature_path(episode), max_bytes=MAX_SIGNATURE_BYTES),
        )
    except NotFoundError as error:
        read_version(take_snapshot(episode).content)
        raise NotSignedError(f"{episode.name} is not signed", hint=_HINT) from error
    except DamagedError as error:
        raise NotSignedError(f"the sign-off cannot be read: {error}", hint=_HINT) from error


def superseded_by(home: Home, record_id: str) -> str | None:
    """Return the record id of a sealed sign-off that replaces this one, or None.

    This is read from the statements alone, so it works without the outbox.
    """
    for place in sorted(home.episodes.glob(f"*{_STATEMENT_SUFFIX}")):
        try:
            content = read_regular(place, max_bytes=MAX_STATEMENT_BYTES)
            if record_id.encode() not in content:
                continue
            later = parse_statement(content).predicate
        except (NotFoundError, DamagedError, NotSignedError):
            continue  # it replaces nothing
        if later.supersedes == record_id:
            return later.record_id
    return None


def write_sign_off(episode: Path, sign_off: SignOff) -> None:
    """Write a sign-off beside its episode, the statement last.

    An earlier one is deleted first: after a crash the episode has one sign-off or none, never the
    statement of one with the signature of another.
    """
    statement_path(episode).unlink(missing_ok=True)
    replace_private(signature_path(episode), sign_off.signature)
    replace_private(statement_path(episode), sign_off.statement)
