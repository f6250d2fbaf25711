"""A folder of episodes: every file is a stranger's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.support.datasets import Person, content_of, put

from signoff_datasets.sources.folder import FolderSource
from signoff_datasets.sources.opening import address_of, open_source
from signoff_schemas.errors import NotFoundError, UsageError

ANNA = Person(number=1)


def test_an_episode_is_offered_with_the_sign_off_beside_it(tmp_path: Path) -> None:
    content = content_of(1)
    put(tmp_path, "one", content, ANNA.sign(content))
    put(tmp_path, "two", content_of(2), None)
    source = FolderSource(tmp_path)
    assert list(source.places()) == ["one.episode", "two.episode"]
    one, two = (source.offered(place) for place in source.places())
    assert one.snapshot is not None
    assert one.snapshot.content == content == source.content("one.episode")
    assert one.sign_offs == (ANNA.sign(content),)
    assert two.sign_offs == ()


def test_half_a_sign_off_is_none(tmp_path: Path) -> None:
    content = content_of(1)
    path = put(tmp_path, "one", content, ANNA.sign(content))
    path.with_name("one.signoff.json.sig").unlink()
    assert FolderSource(tmp_path).sign_offs("one.episode") == ()


def test_links_pipes_devices_and_folders_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "link.episode").symlink_to("/dev/zero")
    (tmp_path / "proc.episode").symlink_to("/proc/self/mem")
    os.mkfifo(tmp_path / "pipe.episode")
    (tmp_path / "folder.episode").mkdir()
    source = FolderSource(tmp_path)
    assert len(list(source.places())) == 4
    for place in source.places():
        assert source.offered(place).snapshot is None
        assert source.content(place) is None


def test_names_of_any_bytes_are_places(tmp_path: Path) -> None:
    names = [bytes([byte]) + b"\xff.episode" for byte in range(1, 256) if byte != ord("/")]
    for name in names:
        Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name))).write_bytes(b"x")  # noqa: PTH118
    source = FolderSource(tmp_path)
    assert [os.fsencode(place) for place in source.places()] == sorted(names)
    assert all(source.content(place) == b"x" for place in source.places())


def test_what_is_no_source_is_said(tmp_path: Path) -> None:
    for named in (tmp_path / "nothing", "/dev/zero", tmp_path / "x\0y"):
        with pytest.raises(NotFoundError):
            address_of(str(named))
    with pytest.raises(UsageError):
        address_of("ftp://host/x")
    with pytest.raises(NotFoundError):
        list(FolderSource(tmp_path / "nothing").places())
    assert isinstance(open_source(address_of(str(tmp_path))), FolderSource)
