"""Which file an EPISODE argument means."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from signoff_collector.episode.locating import locate, read_located
from signoff_collector.own_files.home import Home
from signoff_schemas.errors import NotFoundError, UsageError


@pytest.fixture
def own_home(tmp_path: Path) -> Home:
    root = tmp_path / "own"
    (root / "data" / "episodes").mkdir(parents=True)
    return Home(root=root)


def _put(home: Home, content: bytes, *, age_s: int) -> str:
    sha256 = hashlib.sha256(content).hexdigest()
    path = home.episodes / f"{sha256[:16]}.episode"
    path.write_bytes(content)
    os.utime(path, (10**9 - age_s, 10**9 - age_s))
    return sha256


def test_last_is_the_one_sealed_last(own_home: Home) -> None:
    newest = _put(own_home, b"new", age_s=1)
    _put(own_home, b"old", age_s=100)
    assert locate(own_home).name == f"{newest[:16]}.episode"
    assert read_located(own_home, "last") == b"new"


def test_a_prefix_of_the_id_is_enough_when_it_is_the_only_one(own_home: Home) -> None:
    ids = [_put(own_home, bytes([n]), age_s=n) for n in range(40)]
    for sha256 in ids:
        assert locate(own_home, sha256[:12]).name == f"{sha256[:16]}.episode"
        assert locate(own_home, sha256).name == f"{sha256[:16]}.episode"
    with pytest.raises(UsageError, match="begin with"):
        locate(own_home, next(i[0] for i in ids if sum(j[0] == i[0] for j in ids) > 1))
    with pytest.raises(NotFoundError):
        locate(own_home, ids[0][:63] + ("0" if ids[0][63] != "0" else "1"))


def test_a_path_is_taken_as_it_is(own_home: Home, tmp_path: Path) -> None:
    path = tmp_path / "mine.episode"
    path.write_bytes(b"x")
    assert locate(own_home, str(path)) == path


@pytest.mark.parametrize("name", ["last", "abc123", "no/such.episode", "gone.episode", "what?"])
def test_what_is_not_there_is_not_found(own_home: Home, name: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        locate(own_home, name)
    assert caught.value.exit_code == 10


def test_live_is_only_what_is_being_recorded(own_home: Home) -> None:
    assert read_located(own_home, "live", lambda: b"now") == b"now"
    with pytest.raises(NotFoundError, match="nothing is being recorded"):
        read_located(own_home, "live")


def test_a_home_that_was_never_made_holds_nothing(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        locate(Home(root=tmp_path / "none"))
