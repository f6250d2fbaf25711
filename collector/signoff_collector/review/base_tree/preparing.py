"""Build the base tree of a sealed episode: read from the repository, scanned, sorted.

Every value that is masked in the session is searched, so the session is sealed once more in memory
from its journals. Only if that reproduces the sealed episode exactly are all these values known.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from signoff_collector.review.base_tree.reading import read_commit
from signoff_collector.review.base_tree.tree import BaseFile, BaseTree
from signoff_collector.review.checking.licences import licence_in, third_party_reason, usual_licence
from signoff_schemas.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.own_files.home import Home
    from signoff_collector.review.base_tree.reading import ReadFile
    from signoff_collector.review.base_tree.scanning import BaseScanner
    from signoff_collector.review.desk.storing import BaseEpisode

_HINT: Final = "The episode can be shared without its base tree."


def prepare_base_tree(
    home: Home,
    session: Session,
    base: BaseEpisode,
    *,
    progress: Callable[[str], None] = lambda _: None,
    earlier: BaseTree | None = None,
) -> BaseTree:
    """Return which files of a session's base commit may be shared with it.

    Costs as much as sealing did, and some 2 s for each MB that is not in `earlier`.

    Args:
        home: where the session lies.
        session: that the episode was sealed from; its journals are read.
        base: the first sealed episode.
        progress: called with a description of the current phase.
        earlier: of another session of this workspace; what passed then is not looked at with
            the same rules again.

    Raises:
        NotFoundError: the journals, the repository or the commit are gone, or the session
            began in no commit.
        RefusedError: this machine masks the session otherwise now than when it was sealed.
        SignoffError: git fails.
    """
    from signoff_collector.redaction.verifying.second_engine import load_second_engine
    from signoff_collector.review.base_tree.scanning import BaseScanner, scanner_key
    from signoff_collector.review.checking.unmasking import refuse_otherwise, shown_values
    from signoff_collector.seal.gathering.gathered import read_gathered
    from signoff_collector.seal.sealing_again import seal_again

    gathered = read_gathered(session.folder)
    commit = None if gathered is None else gathered.base.commit
    if gathered is None or commit is None:
        raise NotFoundError("the commit at which this session began is not known", hint=_HINT)
    progress("reading the commit")
    read = read_commit(session.root, commit)
    progress("masking the session once more, to know every masked value")
    again = seal_again(session, home, shown_values(session))
    refuse_otherwise(again.episode, base.episode)
    policy, engine = again.redactor.policy, load_second_engine(home.engines)
    stamp = scanner_key(policy.identities, engine, is_public=gathered.base_is_public)
    looker = BaseScanner(
        again.redactor.table,
        policy,
        engine,
        is_public=gathered.base_is_public,
        passed=_passed(earlier, stamp),
    )
    held_back = looker.look(read.files, progress=progress)
    staying = sorted((*read.staying, *held_back), key=lambda one: one.path)
    stays = {one.path for one in held_back}
    return BaseTree(
        commit=commit,
        is_public=gathered.base_is_public,
        files=_sorted([file for file in read.files if file.path not in stays], looker),
        staying=tuple(staying),
        scanner_key=stamp,
    )


def _passed(earlier: BaseTree | None, stamp: str) -> frozenset[bytes]:
    """Return the digests of files that were scanned before with the same rules and names."""
    if earlier is None or earlier.scanner_key != stamp:
        return frozenset()
    return frozenset(hashlib.sha256(file.content).digest() for file in earlier.files)


def _sorted(files: Sequence[ReadFile], looker: BaseScanner) -> tuple[BaseFile, ...]:
    """Return the files with licence, reason and question for the person."""
    listed = [(file, licence_in(file.content.decode("utf-8"))) for file in files]
    usual = usual_licence(licence for _, licence in listed)
    made: list[BaseFile] = []
    for file, licence in listed:
        apart = third_party_reason(file.path, licence, usual)
        made.append(
            BaseFile(
                path=file.path,
                mode=file.mode,
                content=file.content,
                group="own" if apart is None else apart.group,
                licence=licence or None,
                unknown_word_line=looker.unknown_word_line(file),
            )
        )
    return tuple(made)
