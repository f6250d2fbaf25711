"""Seals one session: gather outside facts, assemble, mask, write the file.

A kill at any point leaves either nothing, a complete gathered file, or the complete
episode; sealing again then gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.sessions.seal_notes import (
    LEFT_OUT,
    SealedAs,
    drop_seal_note,
    left_out,
    note_seal_begun,
    note_seal_failed,
    note_sealed,
    note_to_check,
    sealed_as,
)
from signoff_collector.own_files.private_files import make_private_folder, replace_private
from signoff_schemas.errors import GaveWayError, NotFoundError, SignoffError

if TYPE_CHECKING:
    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.episode.content import Episode
    from signoff_collector.known_values.kept_values import Kept
    from signoff_collector.own_files.home import Home
    from signoff_collector.redaction.interface import RedactionPolicy
    from signoff_collector.seal.gathering.gathered import Gathered
    from signoff_collector.system.clock import Clock
    from signoff_schemas.words import Owner

PARTS: Final = ("reading", "looking", "masking", "writing", "checking")
"""Phases of sealing, as passed to `progress`."""
_NAME_DIGITS: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedEpisode:
    """Result of sealing a session."""

    path: Path
    """`data/episodes/<16 hex>.episode` of the home."""
    sha256: str
    session: str
    steps: int
    """Number of all steps, edits included."""
    tasks: int = 0
    red_to_green: int = 0
    title: str = ""
    duration_ns: int = 0
    left_out: tuple[str, ...] = ()
    """Names, on this machine, of what was left out because it could not be masked."""

    def row(self) -> dict[str, object]:
        """Return the published form."""
        return {
            "episode": str(self.path),
            "sha256": self.sha256,
            "session": self.session,
            "steps": self.steps,
        }


def seal_session(
    session: Session,
    home: Home,
    clock: Clock,
    *,
    environ: Mapping[str, str] = os.environ,
    kept: Kept | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> SealedEpisode:
    """Seal a session that is over, or return the episode it was sealed into.

    The caller owns the session (`try_own`), so it has no writers. `kept` holds the values
    already read from the keyring; None reads them here. `progress` is called with the
    name of each phase.

    Raises:
        NotFoundError: the session holds no readable journal.
        RefusedError: masks could not be verified.
        DiskFullError: there is no room for the episode.
        GaveWayError: a `forget` asked for the session; nothing was written.
        SignoffError: anything else; kept in the session's seal-failed.json.
    """
    done = sealed_as(session)
    if done is not None and done.path.is_file():
        return _described(session, done)
    note_seal_begun(session, clock)
    try:
        sealed = _seal(session, home, clock, environ, kept, progress=progress)
    except (GaveWayError, ImportError):
        # ImportError: an upgrade removed our modules meanwhile, so the session is not at fault.
        drop_seal_note(session)
        raise
    except SignoffError as error:
        note_seal_failed(session, error, clock)
        raise
    except Exception as error:
        unforeseen = SignoffError(
            f"sealing ended with an unexpected {type(error).__name__}",
            hint="`signoff doctor` says which release this is; another one may seal it.",
        )
        note_seal_failed(session, unforeseen, clock)
        raise
    note_sealed(
        session,
        SealedAs(
            path=sealed.path,
            sha256=sealed.sha256,
            tasks=sealed.tasks,
            red_to_green=sealed.red_to_green,
            title=sealed.title,
            duration_ns=sealed.duration_ns,
        ),
    )
    return sealed


def _seal(
    session: Session,
    home: Home,
    clock: Clock,
    environ: Mapping[str, str],
    kept: Kept | None,
    *,
    progress: Callable[[str], None],
) -> SealedEpisode:
    from signoff_collector.capture.opt_in.owners import Owners
    from signoff_collector.episode.moments.tree_hash import with_tree_hashes
    from signoff_collector.forgetting.forgetting import erase_files
    from signoff_collector.known_values.kept_values import kept_values
    from signoff_collector.own_files.settings import read_settings
    from signoff_collector.redaction.leaving_out import LEFT_OUT as OUT
    from signoff_collector.redaction.redactor import Redactor
    from signoff_collector.seal.gathering.gathered import FILE_NAME as GATHERED
    from signoff_collector.seal.gathering.gathered import write_gathered
    from signoff_collector.seal.gathering.newly_ignored import newly_ignored
    from signoff_collector.seal.giving_way import gives_way
    from signoff_collector.seal.pseudonyms import Pseudonyms

    with gives_way(session):
        progress("reading")
        owner = _owner(session, home)
        is_strict = read_settings(home).is_strict
        gathered, assembly = _assembled(session, environ, owner, is_strict=is_strict)
        if not (session.folder / GATHERED).exists():
            ignored = newly_ignored(session.root, assembly.episode.files)
            if ignored:
                erase_files(home, clock, session, ignored)
                gathered, assembly = _assembled(session, environ, owner, is_strict=is_strict)
            write_gathered(session.folder, gathered)
        known = kept_values(home) if kept is None else kept
        make_private_folder(home.engines)
        names = Pseudonyms(gathered.seed, assembly.names)
        commits = {one: names.commit(one) for one in (*gathered.commits, *names.commits)}
        _keep_names(session, names.table)
        redactor = Redactor(
            _redaction(gathered, environ, home, known, commits),
            engine_cache=home.engines,
            progress=progress,
        )
        episode, data = redactor.seal_episode(assembly.episode, finish=with_tree_hashes)
        left = [(one, LEFT_OUT if one.kind == OUT else one.reason) for one in redactor.to_check]
        note_to_check(session, [(one.place, reason) for one, reason in left])
    sealed = _store(session, home, data, episode)
    recorded_under = _owner(session, home, assembly.episode.files)
    Owners(home).keep_recorded(sealed.sha256, session.root, recorded_under)
    return replace(sealed, left_out=tuple(left_out(session)))


def masking_of(
    session: Session, home: Home, environ: Mapping[str, str]
) -> tuple[Episode, RedactionPolicy]:
    """Return the unmasked episode of a sealed session, and the redaction policy for it.

    Raises:
        NotFoundError: the session holds no readable journal, or no gathered facts.
    """
    from signoff_collector.known_values.kept_values import kept_values
    from signoff_collector.seal.gathering.gathered import FILE_NAME as GATHERED
    from signoff_collector.seal.pseudonyms import Pseudonyms

    if not (session.folder / GATHERED).exists():
        raise NotFoundError(f"the data that session {session.id} was sealed with is deleted")
    gathered, assembly = _assembled(session, environ, None, is_strict=False)
    names = Pseudonyms(gathered.seed, assembly.names)
    commits = {one: names.commit(one) for one in (*gathered.commits, *names.commits)}
    policy = _redaction(gathered, environ, home, kept_values(home), commits)
    return assembly.episode, policy


@dataclass(frozen=True, slots=True, kw_only=True)
class _Assembled:
    """The unmasked episode of a session."""

    episode: Episode
    names: Mapping[str, str]
    """Pseudonym to original value."""


def _owner(session: Session, home: Home, files: Iterable[str] = ()) -> Owner | None:
    """Return the owner of the code as a person declared it, or as anybody locked it meanwhile."""
    from signoff_collector.capture.opt_in.workspaces import Workspaces

    try:
        return Workspaces(home).sharing_owner(session.root, files, since_ns=session.started_wall_ns)
    except (SignoffError, OSError, ValueError):
        return None


def _assembled(
    session: Session, environ: Mapping[str, str], owner: Owner | None, *, is_strict: bool
) -> tuple[Gathered, _Assembled]:
    """Read the gathered facts, or gather them now; assemble the journals with them.

    Raises:
        NotFoundError: the session holds no readable journal.
    """
    from signoff_collector.capture.git.git import Git
    from signoff_collector.capture.journal.writers import read_writers
    from signoff_collector.seal.assemble import Assembly
    from signoff_collector.seal.gathering.gather import gather
    from signoff_collector.seal.gathering.gathered import read_gathered
    from signoff_collector.system.offline import is_offline

    writers, _ = read_writers(session.folder)
    if not writers:
        raise NotFoundError(
            f"session {session.id} holds no readable journal",
            hint=f"`signoff discard {session.id}` removes it.",
        )
    gathered = read_gathered(session.folder)
    if gathered is None:
        git = Git(session.root)
        in_repository = session.root.is_dir() and git.repository is not None
        gathered = gather(
            session,
            writers,
            git if in_repository else None,
            environ=environ,
            is_offline=is_offline(),
            owner=owner,
            is_strict=is_strict,
        )
    assembly = Assembly(writers, gathered, session.kept_blob)
    episode = assembly.run()
    return gathered, _Assembled(episode=episode, names=assembly.names.table)


def _redaction(
    gathered: Gathered,
    environ: Mapping[str, str],
    home: Home,
    kept: Kept,
    commits: Mapping[str, str],
) -> RedactionPolicy:
    """Return the redaction policy: gathered identities, kept and newly read exact values."""
    from signoff_collector.known_values.credential_stores import allowed_stores
    from signoff_collector.known_values.exact_values import gather_exact_values
    from signoff_collector.redaction.interface import RedactionPolicy
    from signoff_collector.redaction.texts.public_base import BaseText
    from signoff_collector.seal.gathering.base_texts import unpacked

    return RedactionPolicy(
        exact_values=gather_exact_values(
            environ,
            Path(gathered.root),
            origin="session" if gathered.session in kept.sessions else "relearned",
            stores=allowed_stores(home),
        ).with_values(kept.values),
        identities=gathered.identities,
        base=BaseText(texts=unpacked(gathered.base_texts), is_public=gathered.base_is_public),
        commits=commits,
        words=frozenset(gathered.words.split()),
        is_strict=gathered.is_strict,
    )


def _keep_names(session: Session, table: Mapping[str, str]) -> None:
    """Store the originals of the pseudonyms beside the journals, to be deleted with them."""
    body = json.dumps(dict(sorted(table.items())), indent=1).encode()
    replace_private(session.folder / "pseudonyms.json", body)


def _store(session: Session, home: Home, data: bytes, episode: Episode) -> SealedEpisode:
    from signoff_collector.seal.looking_back import count_red_to_green, count_tasks, title_of

    sha256 = hashlib.sha256(data).hexdigest()
    make_private_folder(home.episodes)
    path = home.episodes / f"{sha256[:_NAME_DIGITS]}.episode"
    replace_private(path, data)
    return SealedEpisode(
        path=path,
        sha256=sha256,
        session=session.id,
        steps=episode.step_count,
        tasks=count_tasks(episode.steps),
        red_to_green=count_red_to_green(episode.steps),
        title=title_of(episode),
        duration_ns=episode.header.duration_ns,
    )


def _described(session: Session, done: SealedAs) -> SealedEpisode:
    from signoff_collector.episode.file.reader import read_episode

    episode = read_episode(done.path)
    return SealedEpisode(
        path=done.path,
        sha256=done.sha256,
        session=session.id,
        steps=episode.step_count,
        tasks=done.tasks,
        red_to_green=done.red_to_green,
        title=done.title,
        duration_ns=done.duration_ns,
        left_out=tuple(left_out(session)),
    )
