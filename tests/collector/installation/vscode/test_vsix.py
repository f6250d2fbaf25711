from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from signoff_collector import __version__
from signoff_collector.installation.vscode.vsix import (
    build_vsix,
    extension_folder,
    licence_file,
    read_manifest,
)
from signoff_schemas.errors import DamagedError

SCHEMA = "{http://schemas.microsoft.com/developer/vsx-schema/2011}"
OPC = "{http://schemas.openxmlformats.org/package/2006/content-types}"
LAUNCHER = Path("/opt/\U0001f388 of \U0001d4b3/bin/signoff")


def built() -> bytes:
    folder = extension_folder()
    return build_vsix(folder, launcher=LAUNCHER, licence=licence_file(folder))


def opened(data: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(data))


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """An extension of a few files."""
    folder = tmp_path / "extension"
    (folder / "dist").mkdir(parents=True)
    (folder / "dist" / "extension.js").write_text("exports.activate = () => {};\n")
    (folder / "README.md").write_text("# \U0001f388 & \U0001d4b3\n")
    manifest = {
        "name": "small",
        "publisher": "us",
        "version": "1.2.3",
        "displayName": 'Small & "quoted" <one>',
        "description": "\U0001f388 & \U0001d4b3",
        "engines": {"vscode": "^1.100.0"},
    }
    (folder / "package.json").write_text(json.dumps(manifest))
    return folder


def test_the_same_input_gives_the_same_bytes() -> None:
    assert built() == built()


def test_the_package_tells_which_program_it_starts() -> None:
    said = json.loads(opened(built()).read("extension/launcher.json"))
    assert said == {"launcher": str(LAUNCHER)}
    without = opened(build_vsix(extension_folder())).namelist()
    assert "extension/launcher.json" not in without


def test_it_holds_what_the_extension_says_it_consists_of_and_nothing_else() -> None:
    folder = extension_folder()
    said = json.loads((folder / "package.json").read_bytes())
    listed = {
        path.relative_to(folder).as_posix()
        for name in said["files"]
        for path in ([folder / name] if (folder / name).is_file() else (folder / name).rglob("*"))
        if path.is_file()
    }
    held = {name.removeprefix("extension/") for name in opened(built()).namelist()}
    added = {"extension.vsixmanifest", "[Content_Types].xml", "launcher.json", "package.json"}
    assert held - added - {"LICENSE.txt"} == listed - {"LICENSE.txt"}
    assert added | {"LICENSE.txt"} <= held
    for name in listed - {"LICENSE.txt"}:
        assert opened(built()).read(f"extension/{name}") == (folder / name).read_bytes()


def test_its_version_is_the_programs() -> None:
    assert read_manifest(extension_folder()).version == __version__


def test_its_manifest_repeats_the_extensions(small: Path) -> None:
    archive = opened(build_vsix(small))
    assert archive.testzip() is None
    root = ET.fromstring(archive.read("extension.vsixmanifest"))  # noqa: S314  (ours)
    identity = root.find(f"{SCHEMA}Metadata/{SCHEMA}Identity")
    assert identity is not None
    assert identity.attrib == {
        "Language": "en-US",
        "Id": "small",
        "Version": "1.2.3",
        "Publisher": "us",
    }
    assert root.findtext(f"{SCHEMA}Metadata/{SCHEMA}DisplayName") == 'Small & "quoted" <one>'
    assert root.findtext(f"{SCHEMA}Metadata/{SCHEMA}Description") == "\U0001f388 & \U0001d4b3"
    assets = [asset.attrib["Path"] for asset in root.iter(f"{SCHEMA}Asset")]
    assert "extension/package.json" in assets
    assert set(assets) <= set(archive.namelist())


def test_every_file_has_a_media_type() -> None:
    archive = opened(built())
    types = ET.fromstring(archive.read("[Content_Types].xml"))  # noqa: S314  (ours)
    known = {row.attrib["Extension"] for row in types.iter(f"{OPC}Default")}
    names = set(archive.namelist()) - {"[Content_Types].xml"}
    assert {f".{name.rpartition('.')[2]}" for name in names} == known


def test_no_name_leads_out_of_the_folder() -> None:
    for entry in opened(built()).infolist():
        assert not entry.filename.startswith("/")
        assert ".." not in Path(entry.filename).parts
        assert entry.external_attr >> 16 == 0o100644


def _link(folder: Path) -> None:
    (folder / "dist" / "more.js").symlink_to("/etc/hostname")


def _link_to_a_folder(folder: Path) -> None:
    (folder / "media").symlink_to("/etc")


def _strange_name(folder: Path) -> None:
    (folder / "dist" / "\U0001f388.js").write_text("")


def _backslash(folder: Path) -> None:
    (folder / "dist" / "a\\b.js").write_text("")


def _unknown_kind(folder: Path) -> None:
    (folder / "dist" / "native.node").write_text("")


def _no_readme(folder: Path) -> None:
    (folder / "README.md").unlink()


def _no_json(folder: Path) -> None:
    (folder / "package.json").write_text("[" * 100_000)


def _no_publisher(folder: Path) -> None:
    (folder / "package.json").write_text('{"name": "small", "engines": []}')


@pytest.mark.parametrize(
    "breaks",
    [_link, _link_to_a_folder, _strange_name, _backslash, _unknown_kind, _no_readme, _no_json,
     _no_publisher],
)  # fmt: skip
def test_what_cannot_be_packed_is_refused(small: Path, breaks: Callable[[Path], None]) -> None:
    build_vsix(small)
    breaks(small)
    with pytest.raises(DamagedError) as caught:
        build_vsix(small)
    assert caught.value.hint == "Install Signoff again."
