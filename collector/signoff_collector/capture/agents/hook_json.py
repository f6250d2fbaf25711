"""Parse and write JSON in the hook, with the C scanner of Python alone.

`import json` takes 7 ms of the 20 ms that a hook may take, most of it for regular expressions that
only word error messages. The C scanner works without them; where there is none, `json` is used.
"""

from __future__ import annotations

TYPE_CHECKING = False  # `typing` itself would take 5 ms
if TYPE_CHECKING:
    from typing import Final

MAX_DEPTH: Final = 8
"""Nesting limit of written values; deeper parts are left out."""

_SPACE: Final = " \t\r\n"


class _Context:
    """The attributes that the scanner reads (CPython, Modules/_json.c, `scanner_new`)."""

    strict = False
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float
    memo: dict[str, str] = {}  # noqa: RUF012  read by other Pythons' scanners


def parse(data: bytes) -> object:
    """Parse bytes as JSON; None unless they hold exactly one value."""
    text = data.decode("utf-8", "replace").removeprefix("\ufeff").strip(_SPACE)
    try:
        from _json import make_scanner
    except ImportError:
        return _slowly(text)
    try:
        value, end = make_scanner(_Context())(text, 0)  # type: ignore[arg-type]  # as json does
    except Exception:  # noqa: BLE001  whatever it is, it is no event
        return None
    return value if end == len(text) else None


def _slowly(text: str) -> object:
    import json

    try:
        return json.loads(text, strict=False)
    except Exception:  # noqa: BLE001  likewise
        return None


def line_of(fields: dict[str, object]) -> bytes:
    """Encode fields as one line of JSON in ASCII, so that lone surrogates survive too."""
    return _written(fields, 0).encode("ascii")


def _written(value: object, depth: int) -> str:
    said = "null"
    if isinstance(value, str):
        said = _quoted(value)
    elif isinstance(value, bool):
        said = "true" if value else "false"
    elif isinstance(value, int):
        said = repr(int(value))
    elif isinstance(value, float) and value - value == 0:  # neither infinite nor not a number
        said = repr(value)
    elif depth < MAX_DEPTH and isinstance(value, dict):
        members = [
            f"{_quoted(str(name))}:{_written(item, depth + 1)}" for name, item in value.items()
        ]
        said = "{" + ",".join(members) + "}"
    elif depth < MAX_DEPTH and isinstance(value, (list, tuple)):
        said = "[" + ",".join([_written(item, depth + 1) for item in value]) + "]"
    return said


def _quoted(text: str) -> str:
    try:
        from _json import encode_basestring_ascii
    except ImportError:
        from json.encoder import py_encode_basestring_ascii as encode_basestring_ascii
    return encode_basestring_ascii(text)
