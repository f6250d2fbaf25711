"""A session in a real repository, sealed, for tests of what goes along of its base commit."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.leaks import random_secret
from tests.support.repository import WorkTree
from tests.support.seal_journals import Journal
from tests.support.seal_sessions import make_session

from signoff_collector.capture.sessions.session_life import end_session
from signoff_collector.capture.sessions.sessions import Session
from signoff_collector.own_files.home import Home, resolve_home
from signoff_collector.review.applying.previews import Previews
from signoff_collector.review.base_tree.cached_tree import base_tree
from signoff_collector.review.base_tree.tree import BaseTree
from signoff_collector.review.desk.storing import BaseEpisode, find_base
from signoff_collector.seal.sealing import seal_session
from signoff_collector.system.clock import SystemClock
from signoff_schemas.plan import Plan, RangeKeep

EDITED = "src/app.py"
LOOKED_AT = "src/looked_at.py"
DELETED = "src/old.py"
APP = "# 😀🦊\nimport os\n\n\ndef first() -> int:\n    return 1\n"
LOOKED = "".join(f"line_{number} = {number}\n" for number in range(60)) + "# 𝄞🎉\n"
PLAIN: Mapping[str, str] = {
    EDITED: APP,
    LOOKED_AT: LOOKED,
    DELETED: "gone = True\n",
    "README.md": "# A project\n\nIt adds numbers. 😀🦊\n",
    "src/other.py": "def second() -> int:\n    return 2\n",
    "tests/test_app.py": "from src.app import first\n\n\ndef test_first():\n    first()\n",
}
TYPED = "marked_word = 'plankton'\n"


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A sealed session, and the repository that it was recorded in."""

    home: Home
    session: Session
    base: BaseEpisode
    work: WorkTree
    secret: str = field(repr=False)
    """Typed in the session, so masked in it."""

    def tree(self) -> BaseTree:
        """Return the base tree as page, terminal and `--plan` read it."""
        return base_tree(self.home, self.base)

    def previews(self) -> Previews:
        """Return what plans give."""
        return Previews(self.base.episode, read_tree=self.tree)

    def plan(self, **changed: object) -> Plan:
        """Return a plan that keeps everything and takes the base tree along."""
        keep = RangeKeep(from_seq=0, to_seq=self.base.episode.step_count - 1)
        fields: dict[str, object] = {"base_sha256": self.base.sha256, "seed": "5" * 64}
        chosen = {"keeps": (keep,), "with_base": self.tree().wanted()}
        return Plan.model_validate({**fields, **chosen, **changed})


def record(
    root: Path,
    files: Mapping[str, str | bytes] | None = None,
    *,
    seed: int = 71,
    journal_of: Mapping[str, str] | None = None,
) -> Recorded:
    """Commit files, record a session that types a secret and deletes a file, and seal it.

    Args:
        root: of the repository, made anew.
        files: beside those of `PLAIN`, or in their place; a link is written as `-> target`.
        seed: of the secret.
        journal_of: files opened besides, and what they hold.
    """
    work = commit_files(root, {**PLAIN, **(files or {})})
    return _sealed(work, random_secret(seed, 32), journal_of or {})


def seal_another(recorded: Recorded, secret: str) -> Recorded:
    """Record and seal one more session in the same workspace, which types another secret."""
    end_session(recorded.home, recorded.session)
    return _sealed(recorded.work, secret, {"src/other.py": PLAIN["src/other.py"]})


def _sealed(work: WorkTree, secret: str, opened: Mapping[str, str]) -> Recorded:
    session = make_session(work.root)
    journal = Journal(root=session.root)
    journal.open(EDITED, APP)
    line = APP.count("\n")
    for column, char in enumerate(f'api_token = "{secret}"\n'):
        journal.change(EDITED, (line, column), (line, column), char)
    journal.change(EDITED, (line + 1, 0), (line + 1, 0), TYPED)
    journal.save(EDITED, f'{APP}api_token = "{secret}"\n{TYPED}')
    journal.open(LOOKED_AT, LOOKED)
    for path, text in opened.items():
        journal.open(path, text)
    journal.write(session.folder)
    home = resolve_home()
    base = find_base(home, seal_session(session, home, SystemClock()).sha256)
    return Recorded(home=home, session=session, base=base, work=work, secret=secret)


def commit_files(root: Path, files: Mapping[str, str | bytes]) -> WorkTree:
    """Return a repository with one commit that holds some files."""
    work = WorkTree.create(root)
    for path, content in files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            place.write_bytes(content)
        elif content.startswith("-> "):
            place.symlink_to(content.removeprefix("-> "))
        else:
            place.write_text(content, "utf-8", newline="")
    work.git("add", "-A", "-f")
    work.git("commit", "-q", "-m", "the base")
    return work


def decompressed(data: bytes) -> bytes:
    """Return everything that an episode file holds, as the stock tool says."""
    done = subprocess.run(
        ["zstd", "-dc"], input=data, capture_output=True, check=True, env=dict(os.environ)
    )
    return done.stdout
