"""A backup with one byte too many or too few: which file is named, and nothing is written."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.hubs import DATABASE, STORE, Place, signed
from tests.support.hubs_backed_up import files_of, opened, save_from
from tests.support.hubs_ended import admitted

from signoff_collector.consent.signatures.sshsig import BACKUP, NOTICE
from signoff_hub.backups.checking import check
from signoff_hub.backups.manifest import (
    MANIFEST,
    encode_manifest,
    encode_object,
    parse_manifest,
    parse_object,
)
from signoff_hub.backups.shapes import Shape, decode_row, encode_row, shapes_of
from signoff_hub.database.revision import NEWEST
from signoff_hub.place.hub_key import open_hub_key
from signoff_schemas.errors import (
    DamagedError,
    NewerVersionError,
    NotFoundError,
    NotSignedError,
    SignoffError,
)

pytestmark = pytest.mark.skipif(bool(DATABASE or STORE), reason="hubs here are folders")
SHAPES = {one.name: one for one in shapes_of(NEWEST)}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a hub and a backup of it."""
    root = tmp_path_factory.mktemp("made")
    place = Place(root=root / "hub")
    with opened(place) as node:
        admitted(node, signed(node, 1))
    save_from(place, root / "backup")
    return root


@pytest.fixture
def backup(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made / "backup", tmp_path / "backup")
    return tmp_path / "backup"


@pytest.mark.parametrize("how", ["changed", "longer", "truncated", "missing", "a link"])
def test_each_file_that_is_not_as_it_was_is_named(how: str, backup: Path, tmp_path: Path) -> None:
    paths = [path for path, held in files_of(backup).items() if held and "manifest" not in path]
    assert len(paths) > 12
    for path in paths if how == "changed" else [paths[0], paths[-1], "rows/sign_off.jsonl"]:
        file = backup / path
        content = file.read_bytes()
        file.unlink()
        match how:
            case "changed":
                file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
            case "longer":
                file.write_bytes(content + b"\n")
            case "truncated":
                file.write_bytes(content[:-1])
            case "a link":
                file.symlink_to(tmp_path / "elsewhere")
            case _:
                pass
        with pytest.raises(DamagedError) as found:
            check(backup)
        assert any(path in one for one in found.value.details), path
        file.unlink(missing_ok=True)
        file.write_bytes(content)
    check(backup)


def test_a_manifest_that_is_missing_unsigned_or_of_another_key_is_none(
    backup: Path, tmp_path: Path
) -> None:
    content = (backup / MANIFEST).read_bytes()
    signature = (backup / f"{MANIFEST}.sig").read_bytes()
    stranger = open_hub_key(tmp_path / "key")
    (backup / f"{MANIFEST}.sig").write_bytes(stranger.sign(content, BACKUP))
    with pytest.raises(NotSignedError, match="another key"):
        check(backup)
    (backup / f"{MANIFEST}.sig").write_bytes(stranger.sign(content, NOTICE))
    with pytest.raises(NotSignedError):
        check(backup)
    (backup / f"{MANIFEST}.sig").unlink()
    with pytest.raises(DamagedError, match=r"manifest\.json\.sig is missing"):
        check(backup)
    (backup / f"{MANIFEST}.sig").write_bytes(signature)
    (backup / MANIFEST).write_bytes(content.replace(b'"log_size": 2', b'"log_size": 3'))
    with pytest.raises(SignoffError):
        check(backup)
    (backup / MANIFEST).unlink()
    with pytest.raises(NotFoundError, match="no backup"):
        check(backup)


def test_the_hubs_own_key_makes_no_backup_of_rows_that_are_none(made: Path, backup: Path) -> None:
    """Who holds the key can sign anything: rows are read as strictly all the same."""
    key = open_hub_key(made / "hub" / "keys" / "hub")
    manifest = parse_manifest((backup / MANIFEST).read_bytes())

    def sign(**changes: object) -> None:
        content = encode_manifest(manifest.model_copy(update=changes))
        (backup / MANIFEST).write_bytes(content)
        (backup / f"{MANIFEST}.sig").write_bytes(key.sign(content, BACKUP))

    sign(revision=NEWEST + 1)
    with pytest.raises(NewerVersionError):
        check(backup)
    sign(log_root="0" * 64)
    with pytest.raises(DamagedError, match="not those of the log"):
        check(backup)
    sign(files=manifest.files[:-1])
    with pytest.raises(DamagedError) as found:
        check(backup)
    assert found.value.details == ("rows/tombstone.jsonl is missing in the manifest",)
    files = [
        one.model_copy(update={"rows": (one.rows or 0) + 1}) if "account" in one.path else one
        for one in manifest.files
    ]
    sign(files=tuple(files))
    with pytest.raises(DamagedError, match=r"rows/account\.jsonl has 1 rows"):
        check(backup)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=4), each),
    max_leaves=6,
)


@given(shape=st.sampled_from(sorted(SHAPES)), data=st.data())
def test_whatever_a_line_holds_it_is_a_row_in_its_one_form_or_refused(
    shape: str, data: st.DataObject
) -> None:
    of = SHAPES[shape]
    line = data.draw(st.binary(max_size=80) | _near(of))
    try:
        row = decode_row(of, line)
    except DamagedError:
        return
    assert encode_row(of, row) == line


@given(content=st.binary(max_size=200))
def test_whatever_a_manifest_or_an_object_line_holds_is_refused_in_words(content: bytes) -> None:
    for parse in (parse_manifest, parse_object):
        with pytest.raises(DamagedError):
            parse(content)


@pytest.mark.parametrize(
    "key", ["../outside", "blobs/../../x", "/etc/passwd", "blobs", "blobs//x", "blobs/.hidden"]
)
def test_an_object_is_never_outside_of_its_folder(key: str) -> None:
    line = f'{{"key":"{key}","sha256":"{"0" * 64}","size_bytes":1}}\n'.encode()
    with pytest.raises(DamagedError):
        parse_object(line)
    good = line.replace(key.encode(), b"blobs/00/x")
    assert encode_object(parse_object(good)) == good


def _near(shape: Shape) -> st.SearchStrategy[bytes]:
    """Return lines with the right names and any values."""
    return st.fixed_dictionaries({one.name: JSON for one in shape.fields}).map(
        lambda row: encode_row(shape, row)
    )
