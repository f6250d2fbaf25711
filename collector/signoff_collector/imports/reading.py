"""Reads the bytes of other tools within bounds: gzip, JSON, lines of JSON, CSV.

Every function raises `DamagedError` only, whatever it is given, and takes memory in proportion to
its limits.
"""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import json
import zlib
from typing import TYPE_CHECKING, Final, NoReturn

from signoff_collector.episode.content import encode_text
from signoff_schemas.errors import DamagedError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

MAX_BYTES: Final = 256 << 20
MAX_VALUES: Final = 24 << 20
"""Approximate cap against memory bombs: an empty list takes 2 bytes here, 64 in memory."""
_PIECE_BYTES: Final = 1 << 20
_GZIP: Final = b"\x1f\x8b"


def inflate(content: bytes, what: str) -> bytes:
    """Decompress gzip content; return other content unchanged.

    Raises:
        DamagedError: it cannot be decompressed, or exceeds MAX_BYTES.
    """
    if content.startswith(_GZIP):
        try:
            with gzip.open(io.BytesIO(content)) as file:
                content = _read_at_most(file, MAX_BYTES + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise DamagedError(f"{what} is not complete gzip data: {error}") from error
    if len(content) > MAX_BYTES:
        raise DamagedError(f"{what} holds more than {MAX_BYTES} bytes")
    return content


def _read_at_most(file: gzip.GzipFile, limit: int) -> bytes:
    """Read in pieces, since a single read would allocate its whole limit."""
    pieces: list[bytes] = []
    size = 0
    while size < limit and (piece := file.read(min(limit - size, _PIECE_BYTES))):
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


def parse_json(content: bytes, what: str) -> object:
    """Return the value of JSON text, which may be compressed with gzip.

    Raises:
        DamagedError: it is none, nests too deeply, or holds too many values.
    """
    plain = inflate(content, what)
    _refuse_many(plain, what)
    return _parsed(plain, what)


def parse_json_lines(content: bytes, what: str) -> Iterator[tuple[int, object]]:
    """Yield the number and the value of each line; None for a torn last line of several.

    A writer that was killed leaves such a line, and whoever wrote on behind it may have ended it.
    Empty lines and those that begin with `#` are left out.

    Raises:
        DamagedError: another line is no JSON.
    """
    plain = inflate(content, what)
    _refuse_many(plain, what)
    lines = [
        (number, line)
        for number, line in enumerate(plain.split(b"\n"), 1)
        if line.strip() and not line.startswith(b"#")
    ]
    del plain
    for number, line in lines:
        try:
            yield number, _parsed(line, f"line {number} of {what}")
        except DamagedError:
            if number == 1 or number < lines[-1][0]:
                raise
            yield number, None


def parse_csv(content: bytes, what: str, *needed: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV file by the names in its first line; missing cells are empty.

    Args:
        content: may be compressed with gzip.
        what: it is, for messages.
        *needed: names of columns that have to be there.

    Raises:
        DamagedError: it is no UTF-8, has no header, names a column twice, or is broken.
    """
    plain = inflate(content, what)
    if plain.count(b",") + plain.count(b"\n") > MAX_VALUES:
        raise DamagedError(f"{what} holds more than some {MAX_VALUES} cells")
    try:
        text = plain.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DamagedError(f"{what} is not UTF-8: {error.reason}") from error
    del plain
    with _large_cells():
        try:
            rows = csv.reader(io.StringIO(text, newline=""), strict=True)
            names = next(rows, [])
            if not names or len(set(names)) < len(names):
                raise DamagedError(f"{what} has no first line that names every column once")
            if missing := [name for name in needed if name not in names]:
                raise DamagedError(f"{what} has no column {missing[0]}")
            for row in rows:
                if row:
                    yield dict.fromkeys(names, "") | dict(zip(names, row, strict=False))
        except csv.Error as error:
            raise DamagedError(f"{what} is not CSV: {error}") from error


@contextlib.contextmanager
def _large_cells() -> Generator[None]:
    """Let a cell hold a whole file; the limit is one of the process."""
    before = csv.field_size_limit(MAX_BYTES)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def is_whole(text: str) -> bool:
    """Say whether a text holds no half of a surrogate pair, which strings of steps cannot keep."""
    return text.isascii() or text.encode("utf-8", "replace") == encode_text(text)


def dump_json(value: object) -> str:
    """Return JSON of a parsed value, exact also where a string holds half a surrogate pair.

    Raises:
        DamagedError: it nests too deeply, or holds a number that JSON has no word for.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        return text if is_whole(text) else json.dumps(value, allow_nan=False)
    except (ValueError, RecursionError) as error:
        raise DamagedError(f"a value cannot be written as JSON: {error}") from error


def _refuse_many(plain: bytes, what: str) -> None:
    if sum(map(plain.count, (b",", b"[", b"{"))) > MAX_VALUES:
        raise DamagedError(f"{what} holds more than some {MAX_VALUES} values")


def _parsed(plain: bytes, what: str) -> object:
    try:
        value: object = json.loads(plain, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise DamagedError(f"{what} is not JSON: {error}") from error
    return value


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")
