"""Which editors `setup` gave our extension: written, synced, before an editor is asked to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.installation.undo.record_file import RecordFile, RecordForm
from signoff_schemas.errors import DamagedError
from signoff_schemas.untyped import fields_of

if TYPE_CHECKING:
    from signoff_collector.own_files.home import Home

_NAME: Final = "config/extensions.json"
_BY_HAND: Final = "Take the extension out in your editors by hand, then delete that file."


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionEntry:
    """One editor that got it, or was about to."""

    program: Path
    """The editor's command-line program."""

    extension: str
    """As editors name it: publisher and name."""

    before: str | None
    """The version that was there before the first of our installs."""

    sha256: str
    """Of the package that was installed last."""


def _row(entry: ExtensionEntry) -> dict[str, object]:
    return {
        "program": str(entry.program),
        "extension": entry.extension,
        "before": entry.before,
        "sha256": entry.sha256,
    }


def _entry(row: object) -> ExtensionEntry:
    fields = fields_of(row)
    program, extension, before, sha256 = (
        fields.get(name) for name in ("program", "extension", "before", "sha256")
    )
    is_path = isinstance(program, str) and program.startswith("/") and "\0" not in program
    is_named = isinstance(extension, str) and _is_extension_name(extension)
    is_known = before is None or isinstance(before, str)
    if not is_path or not is_named or not is_known or not isinstance(sha256, str):
        raise DamagedError(f"an entry of {_NAME} was not written by Signoff", hint=_BY_HAND)
    return ExtensionEntry(
        program=Path(str(program)),
        extension=str(extension),
        before=None if before is None else str(before),
        sha256=sha256,
    )


def _is_extension_name(name: str) -> bool:
    """Say whether it can stand in an argument list: nothing that reads like an option."""
    plain = name.replace(".", "").replace("-", "")
    return plain.isascii() and plain.isalnum() and name[0].isalnum()


EXTENSIONS_FORM: Final = RecordForm(
    name=_NAME,
    max_bytes=1 << 20,
    by_hand=_BY_HAND,
    key=lambda entry: entry.program,
    row=_row,
    entry=_entry,
)


class ExtensionRecord(RecordFile[ExtensionEntry]):
    """`config/extensions.json` of one home, by the editor's program."""

    def __init__(self, home: Home) -> None:
        super().__init__(home.config / "extensions.json", EXTENSIONS_FORM)
