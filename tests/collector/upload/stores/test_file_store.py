"""The store in a folder: whole objects, first writer wins, no link followed."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.support.deadline import deadline

from signoff_collector.consent.terms.audience import canonical_audience
from signoff_collector.upload.stores.file_store import FileStore
from signoff_collector.upload.stores.interface import Store
from signoff_collector.upload.stores.stores import open_store
from signoff_schemas.errors import NetworkError, ReceiverRefusedError, RefusedError

KEY = "blobs/ab/abcd"
TOKEN = "0" * 16


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def store(folder: Path) -> FileStore:
    made = FileStore(canonical_audience(str(folder)))
    made.prepare()
    return made


def test_an_object_is_written_once_and_read_back(store: FileStore, folder: Path) -> None:
    assert store.create(KEY, b"one", token=TOKEN)
    assert not store.create(KEY, b"two", token=TOKEN)
    assert store.read(KEY, max_bytes=10) == b"one"
    assert store.names("blobs/ab") == ("abcd",)
    assert store.folders("blobs") == ("ab",)
    assert store.folders("blobs/ab") == store.folders("nothing") == ()
    assert (folder / KEY).stat().st_mode & 0o777 == 0o600
    assert store.remove(KEY).was_there
    assert not store.remove(KEY).was_there
    assert store.read(KEY, max_bytes=10) is None


def test_nothing_is_found_in_an_empty_store(store: FileStore) -> None:
    assert store.read(KEY, max_bytes=10) is None
    assert store.names("blobs/ab") == ()
    assert not store.remove(KEY).was_there


def test_of_many_writers_one_wins_and_nothing_else_is_left(store: FileStore, folder: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        tokens = [f"{number:016x}" for number in range(16)]
        won = list(pool.map(lambda t: store.create(KEY, t.encode(), token=t), tokens))
    assert won.count(True) == 1
    assert (folder / KEY).read_bytes() == tokens[won.index(True)].encode()
    assert names_in(folder / "blobs" / "ab") == ["abcd"]


def test_what_a_killed_writer_left_is_cleared_by_its_next_try(
    store: FileStore, folder: Path
) -> None:
    store.create("blobs/ab/other", b"", token=TOKEN)
    (folder / "blobs" / "ab" / f".abcd.{TOKEN}.part").write_bytes(b"torn")
    assert store.create(KEY, b"whole", token=TOKEN)
    assert names_in(folder / "blobs" / "ab") == ["abcd", "other"]


@pytest.mark.parametrize("place", ["blobs", "blobs/ab", "blobs/ab/abcd"])
@pytest.mark.parametrize("leads_to", ["folder", "file", "nowhere"])
def test_links_inside_a_store_are_never_followed_out_of_it(
    store: FileStore, folder: Path, tmp_path: Path, place: str, leads_to: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "abcd").write_bytes(b"kept")
    (outside / "ab").mkdir()
    target = {"folder": outside, "file": outside / "abcd", "nowhere": outside / "none"}[leads_to]
    link = folder / place
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(target)
    if place != KEY:
        with pytest.raises(ReceiverRefusedError):
            store.create(KEY, b"x", token=TOKEN)
        with pytest.raises(ReceiverRefusedError):
            store.names("blobs/ab")
        with pytest.raises(ReceiverRefusedError):
            store.remove(KEY)
    else:
        assert not store.create(KEY, b"x", token=TOKEN)
        assert store.remove(KEY).was_there
        link.symlink_to(target)
    with pytest.raises(ReceiverRefusedError):
        store.read(KEY, max_bytes=10)
    assert names_in(outside) == ["ab", "abcd"]
    assert (outside / "abcd").read_bytes() == b"kept"
    assert names_in(outside / "ab") == []


def test_a_pipe_in_the_store_hangs_nobody(store: FileStore, folder: Path) -> None:
    (folder / "blobs" / "ab").mkdir(parents=True)
    os.mkfifo(folder / KEY)
    with pytest.raises(ReceiverRefusedError):
        store.read(KEY, max_bytes=10)


def test_an_object_larger_than_allowed_is_refused(store: FileStore) -> None:
    store.create(KEY, b"12345", token=TOKEN)
    with pytest.raises(ReceiverRefusedError):
        store.read(KEY, max_bytes=4)


@pytest.mark.parametrize("key", ["../x", "/x", "a//b", "a/./b", "a/../../b", ""])
def test_a_key_cannot_leave_the_store(store: FileStore, key: str) -> None:
    with pytest.raises(ValueError, match="not a key"):
        store.create(key, b"", token=TOKEN)


def test_a_store_that_is_gone_is_down_and_not_made_anew(store: FileStore, folder: Path) -> None:
    folder.rmdir()
    with pytest.raises(NetworkError):
        store.create(KEY, b"x", token=TOKEN)
    with pytest.raises(NetworkError):
        store.read(KEY, max_bytes=10)
    assert not folder.exists()


def test_only_the_last_part_of_a_store_is_ever_made(tmp_path: Path) -> None:
    with pytest.raises(NetworkError):
        FileStore(canonical_audience(str(tmp_path / "drive" / "store"))).prepare()
    assert not (tmp_path / "drive").exists()


def test_a_store_that_became_a_link_to_elsewhere_is_refused(
    store: FileStore, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    folder.rmdir()
    folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RefusedError):
        store.create(KEY, b"x", token=TOKEN)
    assert names_in(tmp_path / "elsewhere") == []


def test_a_file_in_the_place_of_a_store_is_down(tmp_path: Path) -> None:
    (tmp_path / "store").write_bytes(b"")
    with pytest.raises(NetworkError):
        FileStore(canonical_audience(str(tmp_path / "store"))).prepare()


def test_a_full_store_leaves_no_half_object(tmp_path: Path) -> None:
    """A limit on file size stands for the full disk: the write fails half way."""
    folder = tmp_path / "store"
    code = (
        "import resource, signal, sys\n"
        "from signoff_collector.upload.stores.file_store import FileStore\n"
        "from signoff_schemas.errors import NetworkError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "store = FileStore(sys.argv[1])\n"
        "store.prepare()\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try:\n"
        "    store.create('blobs/ab/abcd', bytes(5000), token='0' * 16)\n"
        "except NetworkError:\n"
        "    print('said')\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, canonical_audience(str(folder))],
        capture_output=True,
        text=True,
        timeout=deadline(),
        check=False,
    )
    assert done.stdout == "said\n", done.stderr
    assert names_in(folder / "blobs" / "ab") == []


def test_the_audience_chooses_the_store(tmp_path: Path) -> None:
    audience = canonical_audience(str(tmp_path / "store"))
    store: Store = open_store(audience)
    assert isinstance(store, FileStore)
    assert store.audience == audience
