"""What a person set in `config/settings.toml` of the home; a repository has no say in it.

[redaction]
strict = true   # mask every token of no known word when sealing
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.own_files.private_files import read_regular, replace_private
from signoff_schemas.errors import DamagedError
from signoff_schemas.untyped import is_fields

if TYPE_CHECKING:
    from signoff_collector.own_files.home import Home

FILE_NAME: Final = "settings.toml"
_MAX_BYTES: Final = 1 << 16
_SECTION: Final = re.compile(r"^[ \t]*\[redaction\][ \t]*(?:#[^\n]*)?$", re.MULTILINE)
_STRICT: Final = re.compile(r"^([ \t]*strict[ \t]*=[ \t]*)(?:true|false)\b", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings; those that are not set have the defaults of this release."""

    is_strict: bool = False
    """Whether sealing masks tokens of no known word too."""


def read_settings(home: Home) -> Settings:
    """Read the settings of a home; the defaults where the file does not exist.

    Raises:
        DamagedError: the file cannot be read, or has a setting that this release does not know: a
            request for more masking must not be ignored silently.
    """
    path = home.config / FILE_NAME
    if not path.exists():
        return Settings()
    try:
        parsed = tomllib.loads(read_regular(path, max_bytes=_MAX_BYTES).decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _refused("it is not TOML in UTF-8") from error
    redaction: object = parsed.pop("redaction", {})
    if parsed or not is_fields(redaction):
        raise _refused("it may contain [redaction] only")
    fields = redaction
    strict = fields.pop("strict", False)
    if fields or not isinstance(strict, bool):
        raise _refused("[redaction] may contain `strict = true` or `strict = false` only")
    return Settings(is_strict=strict)


def write_strict(home: Home, *, is_strict: bool) -> None:
    """Set `[redaction] strict`; the rest of the file is left unchanged.

    Raises:
        DamagedError: the existing file is invalid.
        SignoffError: it cannot be written.
    """
    read_settings(home)
    path = home.config / FILE_NAME
    text = read_regular(path, max_bytes=_MAX_BYTES).decode("utf-8") if path.exists() else ""
    value = "true" if is_strict else "false"
    changed, count = _STRICT.subn(rf"\g<1>{value}", text)
    if not count and _SECTION.search(text):
        changed = _SECTION.sub(rf"\g<0>\nstrict = {value}", text, count=1)
    elif not count:
        changed = f"{text}[redaction]\nstrict = {value}\n"
    home.ensure()
    replace_private(path, changed.encode("utf-8"))


def _refused(why: str) -> DamagedError:
    return DamagedError(
        f"settings.toml cannot be followed: {why}",
        hint="Fix or remove that file in Signoff's config folder.",
    )
