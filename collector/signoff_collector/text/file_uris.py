"""Convert a `file:` URI to a path; the only parser of document URIs (RFC 8089, LSP 3.17)."""

from __future__ import annotations

import os
import posixpath
from typing import Final
from urllib.parse import unquote_to_bytes

_SCHEME: Final = "file://"
_LONGEST_URI: Final = 16 << 10


def path_of_uri(uri: str) -> str | None:
    """Return the absolute, normalised path of a URI, without access to the disk.

    Returns:
        None for other schemes and hosts, for names with control characters, and for URIs of more
        than 16 KiB. Bytes that are not UTF-8 become surrogates, as with `os.fsdecode`.
    """
    if len(uri) > _LONGEST_URI or uri[: len(_SCHEME)].lower() != _SCHEME:
        return None
    rest = uri[len(_SCHEME) :].partition("#")[0].partition("?")[0]
    host, slash, path = rest.partition("/")
    if not slash or host not in {"", "localhost"}:
        return None
    # A lone surrogate, which JSON can hold, must not raise.
    raw = unquote_to_bytes(f"/{path}".encode("utf-8", "surrogatepass"))
    if any(byte < 0x20 or byte == 0x7F for byte in raw):
        return None
    # POSIX gives two leading slashes a meaning of their own.
    return "/" + posixpath.normpath(os.fsdecode(raw)).lstrip("/")
