"""Assembles a session as an unmasked episode in memory; nothing is written.

For the owner only (`show`, `replay`, `checkout` of ``live``; `find`, `restore`, `today`). Only
sealed episodes can be shared, and no function here makes one.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from signoff_schemas.errors import NotFoundError

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.episode.content import Episode
    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock

_HINT = "`signoff status` says what is recorded here; `last` names the episode sealed last."


def live_episode(home: Home, folder: Path, clock: Clock) -> bytes:
    """Return the bytes of the unmasked episode recorded so far in the workspace of `folder`.

    Raises:
        NotFoundError: nothing is being recorded there, or nothing has been yet.
    """
    from signoff_collector.seal.gathering.owning import choose_session

    session = choose_session(home, None, folder)
    if session.is_over(clock):
        raise NotFoundError(f"nothing is being recorded in {folder}", hint=_HINT)
    from signoff_collector.episode.file.writer import write_episode

    return write_episode(recorded(session))


def recorded(session: Session, *, is_hashed: bool = True) -> Episode:
    """Return the unmasked episode of a session, over or active.

    Args:
        session: to read.
        is_hashed: False leaves out the hashes of whole trees, which only checking reads.

    Raises:
        NotFoundError: its journals hold nothing.
        SignoffError: they cannot be read.
    """
    from signoff_collector.capture.git.git import Git
    from signoff_collector.capture.journal.writers import read_writers
    from signoff_collector.episode.moments.tree_hash import with_tree_hashes
    from signoff_collector.episode.uncollected import uncollected
    from signoff_collector.own_files.unfinished import is_running
    from signoff_collector.seal.assemble import Assembly
    from signoff_collector.seal.gathering.gather import gather
    from signoff_collector.seal.gathering.gathered import read_gathered
    from signoff_collector.seal.pseudonyms import OwnNames

    writers, _ = read_writers(session.folder)
    if not writers:
        raise NotFoundError(f"session {session.id} has no steps yet", hint=_HINT)
    gathered = read_gathered(session.folder)
    if gathered is None:
        git = Git(session.root)
        in_repository = session.root.is_dir() and git.repository is not None
        gathered = gather(
            session,
            writers,
            git if in_repository else None,
            environ=os.environ,
            is_masked_later=False,
            is_read_once=not is_hashed,
        )
        at_work = {writer.writer_id for writer in writers if is_running(writer.header.pid)}
        ended = tuple(one for one in gathered.endings if one.writer_id not in at_work)
        gathered = replace(gathered, endings=ended)  # running writers have not crashed
    with uncollected():
        episode = Assembly(writers, gathered, session.kept_blob, OwnNames()).run()
        return with_tree_hashes(episode) if is_hashed else episode
