"""Objects in a folder and in a bucket behave alike: as a dict that is never overwritten."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.local_bucket import KEYS, local_bucket

from signoff_collector.consent.terms.audience import canonical_audience
from signoff_collector.upload.stores.file_store import FileStore
from signoff_hub.objects.bucket import BucketObjects
from signoff_hub.objects.folder import FolderObjects
from signoff_hub.objects.interface import Objects
from signoff_hub.objects.opening import open_objects
from signoff_schemas.errors import NetworkError, RefusedError, SignoffError, UsageError

KEY = "blobs/ab/abcd"
LARGE = 9 << 20


@pytest.fixture(params=["folder", "bucket"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Objects]:
    if request.param == "folder":
        (tmp_path / "objects").mkdir()
        yield FolderObjects(tmp_path / "objects")
        return
    with local_bucket(tmp_path / "buckets") as address:
        made = BucketObjects(canonical_audience(address), KEYS)
        # what this small server does not know is asked of Ceph (make e2e-hub)
        made._keeps_versions = False
        yield made
        made.close()


def test_an_object_is_written_once_and_read_back(objects: Objects, tmp_path: Path) -> None:
    objects.probe()
    assert objects.create(KEY, b"one \xf0\x9f\x98\x80\xf0\x9f\x8c\xb3")
    assert not objects.create(KEY, b"two")
    assert objects.read(KEY, max_bytes=100) == b"one \xf0\x9f\x98\x80\xf0\x9f\x8c\xb3"
    with pytest.raises(RefusedError):
        objects.read(KEY, max_bytes=3)
    assert objects.size(KEY) == 12
    assert list(objects.names("blobs/ab")) == ["abcd"]
    assert list(objects.folders("blobs")) == ["ab"]
    assert objects.copy_to(KEY, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == objects.read(KEY, max_bytes=100)
    assert objects.remove(KEY).was_there
    assert not objects.remove(KEY).was_there
    assert objects.read(KEY, max_bytes=3) is objects.size(KEY) is objects.pieces(KEY) is None
    assert not objects.copy_to(KEY, tmp_path / "other")
    assert list(objects.names("blobs/ab")) == []


def test_a_large_file_goes_and_comes_in_pieces(objects: Objects, tmp_path: Path) -> None:
    content = os.urandom(1 << 10) * (LARGE >> 10)
    (tmp_path / "file").write_bytes(content)
    assert objects.create_from(KEY, tmp_path / "file")
    assert not objects.create_from(KEY, tmp_path / "file")
    pieces = objects.pieces(KEY)
    assert pieces is not None
    assert b"".join(pieces) == content


def test_of_many_writers_one_wins(objects: Objects) -> None:
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda number: objects.create(KEY, b"%d" % number), range(16)))
    assert won.count(True) == 1
    assert objects.read(KEY, max_bytes=10) == b"%d" % won.index(True)


_ACT = st.tuples(
    st.sampled_from(["create", "create_from", "remove", "read", "names", "size"]),
    st.sampled_from(["blobs/ab/one", "blobs/ab/two", "log/tile/0/x000/001", "blobs/cd/one"]),
    st.binary(max_size=40),
)


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=st.lists(_ACT, max_size=25))
def test_it_is_a_dict_that_is_never_overwritten(
    objects: Objects, tmp_path: Path, acts: list[tuple[str, str, bytes]]
) -> None:
    model: dict[str, bytes] = {}
    for act, key, content in acts:
        match act:
            case "create":
                assert objects.create(key, content) == (key not in model)
                model.setdefault(key, content)
            case "create_from":
                (tmp_path / "file").write_bytes(content)
                assert objects.create_from(key, tmp_path / "file") == (key not in model)
                model.setdefault(key, content)
            case "remove":
                assert objects.remove(key).was_there == (model.pop(key, None) is not None)
            case "read":
                assert objects.read(key, max_bytes=40) == model.get(key)
            case "size":
                found = model.get(key)
                assert objects.size(key) == (None if found is None else len(found))
            case _:
                folder, _, _ = key.rpartition("/")
                own = sorted(one.rpartition("/")[2] for one in model if one.startswith(folder))
                assert list(objects.names(folder)) == own
    for key in model:
        objects.remove(key)


def test_what_uploads_left_in_a_folder_is_served(tmp_path: Path) -> None:
    store = FileStore(canonical_audience(str(tmp_path / "store")))
    store.prepare()
    store.create(KEY, b"sent", token="0" * 16)
    objects = open_objects((tmp_path / "store").as_uri())
    assert objects.read(KEY, max_bytes=10) == b"sent"
    assert list(objects.names("blobs/ab")) == ["abcd"]


def test_a_crash_leaves_nothing_half_written_and_removing_takes_it_along(tmp_path: Path) -> None:
    objects = FolderObjects(tmp_path)
    objects.create(KEY, b"whole")
    left = tmp_path / "blobs/ab/.abcd.0123456789abcdef.part"
    left.write_bytes(b"who")
    assert list(objects.names("blobs/ab")) == ["abcd"]
    objects.remove(KEY)
    assert not left.exists()


@pytest.mark.parametrize(
    "key", ["../x", "/etc/passwd", "a//b", "a/../b", ".hidden", "", "a/ b", "a/\0", "a\n", "é"]
)
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, key: str) -> None:
    objects = FolderObjects(tmp_path)
    for ask in (objects.size, objects.remove, lambda one: objects.create(one, b"")):
        with pytest.raises(RefusedError):
            ask(key)


def test_links_and_pipes_in_the_folder_are_not_followed(tmp_path: Path) -> None:
    objects = FolderObjects(tmp_path)
    (tmp_path / "a").mkdir()
    (tmp_path / "a/link").symlink_to("/etc/hostname")
    os.mkfifo(tmp_path / "a/pipe")
    for key in ("a/link", "a/pipe"):
        with pytest.raises(RefusedError):
            objects.read(key, max_bytes=10)
        assert objects.size(key) is None
        assert not objects.create(key, b"x")
    assert list(objects.names("a")) == []


def test_a_folder_that_is_away_is_not_an_empty_one(tmp_path: Path) -> None:
    objects = FolderObjects(tmp_path / "objects")
    with pytest.raises(NetworkError):
        objects.probe()
    assert not (tmp_path / "objects").exists()


def test_a_bucket_that_is_away_is_told_without_its_keys(tmp_path: Path) -> None:
    objects = BucketObjects(canonical_audience("s3+http://127.0.0.1:1/bucket"), KEYS)
    with pytest.raises(NetworkError) as told:
        objects.create(KEY, b"")
    assert "PLANTED" not in str(told.value)


def test_a_store_that_loses_what_it_held_says_so(tmp_path: Path) -> None:
    (tmp_path / "objects").mkdir()
    objects = FolderObjects(tmp_path / "objects")
    objects.create(KEY, b"x")
    shutil.rmtree(tmp_path / "objects")
    assert objects.read(KEY, max_bytes=1) is None
    with pytest.raises(SignoffError):
        objects.probe()


def test_an_address_of_no_store_is_refused() -> None:
    with pytest.raises(UsageError):
        open_objects("ftp://host/bucket")
