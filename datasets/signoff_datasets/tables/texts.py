"""Text as Parquet, SQL and JSON can hold it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

_HALF: Final = re.compile("[\ud800-\udfff]")
_SHOWN: Final = "�"


def whole(text: str) -> str:
    """Return the text with U+FFFD for each half of a surrogate pair, one for one."""
    if text.isascii():
        return text
    return _HALF.sub(_SHOWN, text)


def maybe_whole(text: str | None) -> str | None:
    """Return the same, or None for None."""
    return None if text is None else whole(text)


def halves(text: str) -> list[int] | None:
    """Return offset and code of each half of a surrogate pair, or None where there is none."""
    if text.isascii():
        return None
    found = [part for half in _HALF.finditer(text) for part in (half.start(), ord(half[0]))]
    return found or None


def with_halves(text: str, found: Sequence[int] | None) -> str:
    """Return the text as it was recorded: the inverse of `whole` and `halves`."""
    characters = list(text)
    for at, code in zip((found or ())[::2], (found or ())[1::2], strict=True):
        characters[at] = chr(code)
    return "".join(characters)


def json_text(value: object) -> str:
    """Return JSON in ASCII with sorted names, every text in it whole."""
    return json.dumps(_whole(value), ensure_ascii=True, sort_keys=True, separators=(",", ":"))


def _whole(value: object) -> object:
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, Mapping):
        return {whole(str(key)): _whole(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_whole(each) for each in value]
    return value
