"""What was never masked is for its owner's eyes: no review, no signature, no upload takes it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from tests.support.history import BEASTS, ended_session, typed
from tests.support.seal_sessions import signoff
from tests.support.sign_off import call_signoff, put_episode, small_episode

from signoff_collector.consent import signing_off
from signoff_collector.episode.file.reader import read_episode
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.episode.masked import is_masked
from signoff_collector.own_files.home import resolve_home
from signoff_collector.review.desk import storing
from signoff_collector.review.final import remaking
from signoff_schemas.errors import RefusedError

REFUSED = 13
SAID = "never masked"


def unmasked(content: bytes) -> bytes:
    """Return an episode's bytes as if nobody had ever looked for secrets in it."""
    episode = read_episode(content)
    header = episode.header.model_copy(update={"versions": {}})
    return write_episode(type(episode)(
        header=header, files=episode.files, steps=episode.steps, edits=episode.edits,
        blobs=episode.blobs,
    ))  # fmt: skip


@pytest.fixture
def own_episode(home: Path, tmp_path: Path) -> Path:
    """What `find` keeps of a session that is over, as it was recorded."""
    del home
    root = tmp_path / "project"
    session = ended_session(root, typed(root, "a.py", f"needle {BEASTS}"))
    assert signoff("find", "needle", cwd=root).returncode == 0
    path = session.folder / "own.episode"
    assert not is_masked(read_episode(path.read_bytes()).header)
    return path


def test_the_owners_own_form_of_a_session_is_not_reviewed(own_episode: Path) -> None:
    with pytest.raises(RefusedError, match=SAID):
        storing.find_base(resolve_home(), str(own_episode))


def test_it_is_not_signed(own_episode: Path) -> None:
    said = signoff("sign", str(own_episode), "--to", "file:///store", cwd=own_episode.parent)
    assert said.returncode == REFUSED, said.stderr


def test_a_plan_for_it_is_refused(own_episode: Path, tmp_path: Path) -> None:
    digest = hashlib.sha256(own_episode.read_bytes()).hexdigest()
    plan = tmp_path / "plan.json"
    keeps = [{"from_seq": 0, "to_seq": 3}]
    plan.write_text(json.dumps({"base_sha256": digest, "keeps": keeps}))
    said = signoff("review", str(own_episode), "--plan", str(plan), cwd=tmp_path)
    assert said.returncode == REFUSED, said.stderr
    assert SAID in said.stderr


def test_it_is_not_the_last_episode_even_where_it_lies_among_them(own_episode: Path) -> None:
    home = resolve_home()
    home.episodes.mkdir(parents=True, exist_ok=True)
    (home.episodes / "0123456789abcdef.episode").write_bytes(own_episode.read_bytes())
    with pytest.raises(RefusedError, match=SAID):
        storing.find_base(home, "last")


def test_a_reviewed_digest_does_not_help_it(home: Path, tmp_path: Path) -> None:
    del home
    path = put_episode(resolve_home().ensure(), unmasked(small_episode()))
    said = call_signoff("sign", path, "--to", (tmp_path / "store").as_uri(), "--yes")
    assert said.code == REFUSED
    assert SAID in said.err


def test_what_an_older_release_signed_is_not_sent(home: Path, tmp_path: Path) -> None:
    del home
    store = tmp_path / "store"
    store.mkdir()
    path = put_episode(resolve_home().ensure(), unmasked(small_episode()))
    with pytest.MonkeyPatch.context() as older:
        older.setattr(signing_off, "refuse_unmasked", lambda _header: None)
        older.setattr(remaking, "refuse_not_made", lambda *_: None)
        said = call_signoff("sign", path, "--to", store.as_uri(), "--owner", "mine", "--yes")
        assert said.code == 0, said.err
    said = call_signoff("upload", path, "--to", store.as_uri())
    assert said.code == REFUSED, said
    assert SAID in said.err
    assert not [one for one in store.rglob("*") if one.is_file()]
