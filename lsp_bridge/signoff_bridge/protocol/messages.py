"""Parse a JSON-RPC message and keep the exact bytes of its params.

The journal stores the params as the client wrote them: escapes, order and lone surrogates. So the
message is parsed once, and the byte range of the params is remembered.
"""

from __future__ import annotations

import json
import re
from itertools import chain
from typing import Final, NamedTuple, cast

from signoff_schemas.errors import DamagedError

MOST_VALUES: Final = 1_000_000
"""A message with more objects, lists and members is not parsed: each takes some 200 bytes."""
_LARGE_BYTES: Final = 4 << 20
"""A smaller message cannot take much memory."""
_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_scan: Final = json.JSONDecoder().raw_decode


class Message(NamedTuple):
    """One request, notification or response."""

    method: str | None
    """None for a response."""
    id: str | int | None
    has_id: bool
    params: object
    params_json: bytes
    """The bytes of `params` as received; `null` when there are none."""


def parse_message(body: bytes) -> Message:
    """Parse one message body.

    Raises:
        DamagedError: it is not one JSON object as JSON-RPC 2.0 wants it, or has too many values.
    """
    if len(body) > _LARGE_BYTES and _has_too_many_values(body):
        raise DamagedError(f"a message of {len(body)} bytes has more than {MOST_VALUES} values")
    try:
        return _parse(body)
    except (ValueError, StopIteration, RecursionError, IndexError) as error:
        raise DamagedError(f"a message of {len(body)} bytes is not JSON-RPC") from error


def _has_too_many_values(body: bytes) -> bool:
    """Count objects, lists and separators outside of strings; builds nothing of their number."""
    count = place = 0
    for match in chain(_STRING.finditer(body), (None,)):
        end = len(body) if match is None else match.start()
        count += sum(body.count(sign, place, end) for sign in (b"{", b"[", b","))
        if match is None or count > MOST_VALUES:
            break
        place = match.end()
    return count > MOST_VALUES


def _parse(body: bytes) -> Message:
    text = body.decode("utf-8", "surrogatepass")
    skip = _SPACE.match
    method: object = None
    identifier: object = None
    has_id = False
    params: object = None
    params_json = b"null"
    at = _end(skip(text, 0))
    if text[at] != "{":
        raise ValueError
    at = _end(skip(text, at + 1))
    while text[at] != "}":
        if text[at] != '"':
            raise ValueError
        name, at = _scan(text, at)
        at = _end(skip(text, at))
        if text[at] != ":":
            raise ValueError
        start = _end(skip(text, at + 1))
        value, at = _scan(text, start)
        if name == "params":
            params, params_json = value, text[start:at].encode("utf-8", "surrogatepass")
        elif name == "method":
            method = value
        elif name == "id":
            identifier, has_id = value, True
        at = _end(skip(text, at))
        if text[at] == ",":
            at = _end(skip(text, at + 1))
            if text[at] == "}":
                raise ValueError
        elif text[at] != "}":
            raise ValueError
    if _end(skip(text, at + 1)) != len(text):
        raise ValueError
    is_named = method is None or isinstance(method, str)
    is_numbered = identifier is None or (
        isinstance(identifier, str | int) and not isinstance(identifier, bool)
    )
    if not is_named or not is_numbered or (method is None and not has_id):
        raise ValueError
    return Message(
        cast("str | None", method),
        cast("str | int | None", identifier),
        has_id,
        params,
        params_json,
    )


def _end(match: re.Match[str] | None) -> int:
    return match.end() if match is not None else 0


def error_body(identifier: str | int | None, code: int, fact: str) -> bytes:
    """Return a JSON-RPC error response. It never repeats what the client sent."""
    answer = {"jsonrpc": "2.0", "id": identifier, "error": {"code": code, "message": fact}}
    return json.dumps(answer).encode("ascii")
