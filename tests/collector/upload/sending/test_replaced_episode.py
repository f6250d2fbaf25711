"""Bytes changed after the review, or after signing, go nowhere (threats 3, 9)."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from tests.support.mutations import EPISODE_CHANGES, hidden, recompressed
from tests.support.sign_off import call_signoff, put_episode, signed_episode, small_episode

from signoff_collector.episode.file.reader import read_episode
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.own_files.home import Home, resolve_home

SAYS_NO = {11, 12, 13}


@pytest.fixture
def own(home: Path) -> Home:
    return resolve_home({"SIGNOFF_HOME": str(home)}).ensure()


def _objects(store: Path) -> list[Path]:
    return [path for path in store.rglob("*") if path.is_file()] if store.exists() else []


@pytest.mark.parametrize("what", EPISODE_CHANGES)
def test_bytes_changed_after_the_review_are_not_signed(
    what: str, own: Home, tmp_path: Path
) -> None:
    content, store = small_episode(), tmp_path / "store"
    path = put_episode(own, content)
    changed = EPISODE_CHANGES[what](content)
    assert changed != content
    path.write_bytes(changed)
    done = call_signoff("sign", path, "--to", store, "--owner", "mine", "--yes")
    assert done.code in SAYS_NO, done
    assert list(own.episodes.glob("*.signoff.json*")) == []
    assert call_signoff("upload", path, "--to", store).code in SAYS_NO
    assert _objects(store) == []


@pytest.mark.parametrize("what", EPISODE_CHANGES)
def test_bytes_changed_after_signing_are_neither_verified_nor_sent(
    what: str, home: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    path = signed_episode(home, store)
    path.write_bytes(EPISODE_CHANGES[what](path.read_bytes()))
    assert call_signoff("verify", path).code in SAYS_NO
    assert call_signoff("upload", path, "--to", store).code in SAYS_NO
    assert _objects(store) == []


def test_changed_bytes_are_not_signed_though_somebody_writes_a_review_record_of_them(
    own: Home, tmp_path: Path
) -> None:
    """A hidden frame is no content that a review could have shown."""
    store = tmp_path / "store"
    for change in (hidden, recompressed):
        path = put_episode(own, change(small_episode()))
        done = call_signoff("sign", path, "--to", store, "--owner", "mine", "--yes")
        assert done.code in SAYS_NO, done
    assert _objects(store) == []


def test_a_link_put_in_place_of_a_signed_episode_is_not_followed_to_other_bytes(
    home: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    path = signed_episode(home, store)
    other = tmp_path / "other.episode"
    other.write_bytes(small_episode("z = 1  # \U0001f602\U0001034a\n"))
    path.unlink()
    path.symlink_to(other)
    assert call_signoff("upload", path, "--to", store).code in SAYS_NO
    assert _objects(store) == []


def test_the_attacks_are_real() -> None:
    """Each but the torn ones reads back; so it is the strict form that refuses it."""
    content = small_episode()
    changed = recompressed(content)
    assert changed != content
    assert read_episode(changed).files == read_episode(content).files
    assert write_episode(read_episode(changed)) == content
    assert hashlib.sha256(changed).digest() != hashlib.sha256(content).digest()
