"""The extension for VS Code and its forks as one file that they install: always the same bytes.

Layout: Open Packaging Conventions as `vsce package` writes them: `[Content_Types].xml`,
`extension.vsixmanifest`, and the files below `extension/`. No Node is needed, and no network.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

import signoff_collector
from signoff_schemas.errors import DamagedError, MissingProgramError
from signoff_schemas.untyped import fields_of, list_of

if TYPE_CHECKING:
    from collections.abc import Mapping

FILES: Final = ("package.json", "README.md")
FOLDERS: Final = ("dist", "media", "walkthrough")
"""What of the extension's folder an editor needs to run it; sources and tests stay behind."""

_AGAIN: Final = "Install Signoff again."
LAUNCHER_FILE: Final = "launcher.json"
_PLACE: Final = Path("editor_extensions", "vscode")
_TIME: Final = (1980, 1, 1, 0, 0, 0)
_MODE: Final = 0o100644 << 16
_TYPES: Final = {
    "css": "text/css",
    "js": "application/javascript",
    "json": "application/json",
    "md": "text/markdown",
    "png": "image/png",
    "svg": "image/svg+xml",
    "txt": "text/plain",
    "vsixmanifest": "text/xml",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What of `package.json` the editors' own manifest repeats."""

    name: str
    publisher: str
    version: str
    engine: str
    """Range of VS Code releases."""

    title: str
    description: str
    categories: tuple[str, ...]
    keywords: tuple[str, ...]
    kind: str
    """Where it may run, joined by commas; empty for anywhere."""

    @property
    def id(self) -> str:
        """As `--install-extension` and `--list-extensions` name it."""
        return f"{self.publisher}.{self.name}"


def extension_folder() -> Path:
    """Return the folder with the built extension: beside the package, or in the sources.

    Raises:
        MissingProgramError: this installation lacks it.
    """
    package = Path(signoff_collector.__file__).parent
    for folder in (package, package.parents[1]):
        if (folder / _PLACE / "dist" / "extension.js").is_file():
            return folder / _PLACE
    raise MissingProgramError(f"the extension for VS Code is missing beside {package}", hint=_AGAIN)


def licence_file(folder: Path) -> Path | None:
    """Return the licence of the package: beside it when installed, else the sources' own."""
    places = (folder / "LICENSE.txt", folder.parents[1] / "LICENSE")
    return next((place for place in places if place.is_file()), None)


def read_manifest(folder: Path) -> Manifest:
    """Read the extension's `package.json`.

    Raises:
        DamagedError: it is not one.
    """
    path = folder / "package.json"
    try:
        parsed: object = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise DamagedError(f"{path} cannot be read", hint=_AGAIN) from error
    fields = fields_of(parsed)
    engines = fields.get("engines")
    engine = fields_of(engines).get("vscode")
    return Manifest(
        name=_text(path, "name", fields.get("name")),
        publisher=_text(path, "publisher", fields.get("publisher")),
        version=_text(path, "version", fields.get("version")),
        engine=_text(path, "engines.vscode", engine),
        title=_text(path, "displayName", fields.get("displayName")),
        description=_text(path, "description", fields.get("description")),
        categories=_texts(fields.get("categories")),
        keywords=_texts(fields.get("keywords")),
        kind=",".join(_texts(fields.get("extensionKind"))),
    )


def build_vsix(folder: Path, *, launcher: Path | None = None, licence: Path | None = None) -> bytes:
    """Return the extension as editors install it; the same input gives the same bytes.

    Args:
        folder: the extension's, see `extension_folder`.
        launcher: what it starts unless the person's settings say otherwise; None to search.
        licence: the file to add as its licence.

    Raises:
        DamagedError: a file of it is missing, a link, or of a name that cannot be packed.
    """
    manifest = read_manifest(folder)
    files = _contents(folder)
    if licence is not None:
        files["LICENSE.txt"] = licence.read_bytes()
    if launcher is not None:
        text = json.dumps({"launcher": str(launcher)}) + "\n"
        files[LAUNCHER_FILE] = text.encode("ascii")
    whole = {
        "extension.vsixmanifest": _vsix_manifest(manifest, files).encode(),
        "[Content_Types].xml": _content_types([*files, "extension.vsixmanifest"]).encode(),
        **{f"extension/{name}": files[name] for name in sorted(files)},
    }
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, data in whole.items():
            entry = zipfile.ZipInfo(name, date_time=_TIME)
            entry.create_system = 3
            entry.external_attr = _MODE
            entry.compress_type = zipfile.ZIP_STORED  # zlib's releases differ in their bytes
            archive.writestr(entry, data)
    return held.getvalue()


def _contents(folder: Path) -> dict[str, bytes]:
    """Read every file by its name in the package."""
    found: dict[str, bytes] = {}
    for name in FILES:
        found[name] = _read(folder / name, name)
    for top in FOLDERS:
        for path in sorted((folder / top).rglob("*")):
            if path.is_dir() and not path.is_symlink():
                continue
            name = path.relative_to(folder).as_posix()
            found[name] = _read(path, name)
    return found


def _read(path: Path, name: str) -> bytes:
    is_plain = all(part.isascii() and part.isprintable() for part in PurePosixPath(name).parts)
    if not is_plain or "\\" in name or not path.is_file() or path.is_symlink():
        raise DamagedError(f"{path} cannot be packed: it is no plain file", hint=_AGAIN)
    if _suffix(name) not in _TYPES:
        raise DamagedError(f"{path} cannot be packed: its kind is not known", hint=_AGAIN)
    return path.read_bytes()


def _suffix(name: str) -> str:
    return os.path.splitext(name)[1].removeprefix(".")  # noqa: PTH122  (a name, no path)


def _content_types(names: list[str]) -> str:
    """Return OPC's list of media types, one row for each suffix."""
    rows = "".join(
        f'<Default Extension=".{suffix}" ContentType="{_TYPES[suffix]}"/>'
        for suffix in sorted({_suffix(name) for name in names})
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f"{rows}</Types>\n"
    )


def _vsix_manifest(manifest: Manifest, files: Mapping[str, bytes]) -> str:
    """Return the package's manifest (schema 2011), as far as editors read it."""
    from xml.sax.saxutils import escape, quoteattr  # loads http.client: 20 ms of every `status`

    properties = {"Microsoft.VisualStudio.Code.Engine": manifest.engine}
    if manifest.kind:
        properties["Microsoft.VisualStudio.Code.ExtensionKind"] = manifest.kind
    rows = "".join(
        f"\n      <Property Id={quoteattr(name)} Value={quoteattr(value)} />"
        for name, value in properties.items()
    )
    assets = {
        "Microsoft.VisualStudio.Code.Manifest": "package.json",
        "Microsoft.VisualStudio.Services.Content.Details": "README.md",
        "Microsoft.VisualStudio.Services.Content.License": "LICENSE.txt",
        "Microsoft.VisualStudio.Services.Icons.Default": "media/icon.png",
    }
    listed = "".join(
        f'\n    <Asset Type="{kind}" Path="extension/{name}" Addressable="true" />'
        for kind, name in assets.items()
        if name in files
    )
    return f"""<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
  <Metadata>
    <Identity Language="en-US" Id={quoteattr(manifest.name)} Version={quoteattr(manifest.version)}\
 Publisher={quoteattr(manifest.publisher)} />
    <DisplayName>{escape(manifest.title)}</DisplayName>
    <Description xml:space="preserve">{escape(manifest.description)}</Description>
    <Tags>{escape(",".join(manifest.keywords))}</Tags>
    <Categories>{escape(",".join(manifest.categories))}</Categories>
    <Properties>{rows}
    </Properties>
  </Metadata>
  <Installation>
    <InstallationTarget Id="Microsoft.VisualStudio.Code" />
  </Installation>
  <Dependencies />
  <Assets>{listed}
  </Assets>
</PackageManifest>
"""


def _text(path: Path, name: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise DamagedError(f"{path} has no {name}", hint=_AGAIN)
    return value


def _texts(value: object) -> tuple[str, ...]:
    items = list_of(value)
    return tuple(item for item in items if isinstance(item, str))
