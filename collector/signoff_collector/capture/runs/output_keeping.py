"""Truncate a command's output: keep the first 64 KiB, the last 192 KiB, and the size of the rest.

Known secrets are masked in a range that extends beyond each cut, then the text is cut at a line
end; a token that touches the cut is dropped, since half of it would no longer be recognised (threat
17). The size of the middle is rounded to a power of two, for the same reason.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

HEAD_BYTES: Final = 64 << 10
TAIL_BYTES: Final = 192 << 10
SLACK_BYTES: Final = 8 << 10
"""Bytes beyond a cut that are searched for the rest of a secret, and by which a cut may move."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptOutput:
    """The output as the journal holds it."""

    head: str
    tail: str
    output_state: Literal["full", "head_tail"]
    middle_bytes: int
    """Rounded up to a power of two; 0 when nothing was left out."""
    middle_lines: int
    """Rounded up to a power of two; also 0 where the lines were not counted."""
    output_bytes: int
    """Size of head and tail as kept, plus the rounded middle."""


class OutputKeeper:
    """Collects pieces of output in order, in bounded memory."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._tail: deque[bytes] = deque()
        self._tail_bytes = 0
        self._total_bytes = 0
        self._total_lines = 0

    def add(self, piece: bytes) -> None:
        """Add the next piece."""
        room = HEAD_BYTES + SLACK_BYTES - len(self._head)
        if room > 0:
            self._head += piece[:room]
        beyond = piece[max(0, HEAD_BYTES - self._total_bytes) :]
        self._total_bytes += len(piece)
        self._total_lines += piece.count(b"\n")
        if beyond:
            self._tail.append(beyond)
            self._tail_bytes += len(beyond)
        while self._tail_bytes - len(self._tail[0] if self._tail else b"") >= (
            TAIL_BYTES + SLACK_BYTES
        ):
            self._tail_bytes -= len(self._tail.popleft())

    def finish(self, mask_text: Callable[[str], str]) -> KeptOutput:
        """Return what is kept: masked first, then cut."""
        tail = b"".join(self._tail)
        if self._total_bytes <= HEAD_BYTES + TAIL_BYTES:
            whole = mask_text(_text(bytes(self._head[:HEAD_BYTES]) + tail))
            return KeptOutput(
                head=whole,
                tail="",
                output_state="full",
                middle_bytes=0,
                middle_lines=0,
                output_bytes=len(whole.encode()),
            )
        head = _cut_end(mask_text(_text(bytes(self._head))))
        end = _cut_start(mask_text(_text(tail[-(TAIL_BYTES + SLACK_BYTES) :])))
        kept_bytes = len(head.encode()) + len(end.encode())
        middle_bytes = _rounded(self._total_bytes - kept_bytes)
        return KeptOutput(
            head=head,
            tail=end,
            output_state="head_tail",
            middle_bytes=middle_bytes,
            middle_lines=_rounded(self._total_lines - head.count("\n") - end.count("\n")),
            output_bytes=kept_bytes + middle_bytes,
        )


def keep_ends(head: str, tail: str, size_bytes: int, mask_text: Callable[[str], str]) -> KeptOutput:
    """Truncate an output whose middle another program may have cut out already.

    That program may have cut anywhere, so `SLACK_BYTES` on either side of its cut are dropped too.

    Args:
        head: the output from its start.
        tail: the end of the output, behind `head`.
        size_bytes: of the whole output, in UTF-8.
        mask_text: masks known secrets.
    """
    whole = _plain(head + tail).encode()
    if size_bytes <= len(whole):
        keeper = OutputKeeper()
        keeper.add(whole)
        return keeper.finish(mask_text)
    begin = _cut_end(mask_text(_plain(head)), slack_bytes=SLACK_BYTES)
    end = _cut_start(mask_text(_plain(tail)), slack_bytes=SLACK_BYTES)
    kept_bytes = len(begin.encode()) + len(end.encode())
    middle_bytes = _rounded(size_bytes - kept_bytes)
    return KeptOutput(
        head=begin,
        tail=end,
        output_state="head_tail",
        middle_bytes=middle_bytes,
        middle_lines=0,
        output_bytes=kept_bytes + middle_bytes,
    )


def _plain(text: str) -> str:
    """Join surrogate pairs and replace lone surrogates."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _cut_end(text: str, *, slack_bytes: int = 0) -> str:
    """Return at most `HEAD_BYTES` from the start, ending at a line end or between tokens.

    The last `slack_bytes` are always dropped.
    """
    data = text.encode()
    kept = data[: min(HEAD_BYTES, max(0, len(data) - slack_bytes))].decode("utf-8", "ignore")
    reach = len(kept) - SLACK_BYTES
    # Best at a line end, then at white space; else SLACK_BYTES go, since half a token may be half
    # a secret.
    newline = kept.rfind("\n")
    if newline >= max(0, reach):
        return kept[: newline + 1]
    for index in range(len(kept) - 1, max(0, reach), -1):
        if kept[index].isspace():
            return kept[: index + 1]
    return kept[: max(0, reach)]


def _cut_start(text: str, *, slack_bytes: int = 0) -> str:
    """Return at most `TAIL_BYTES` from the end, beginning after a line end or between tokens.

    The first `slack_bytes` are always dropped.
    """
    kept = text.encode()[slack_bytes:][-TAIL_BYTES:].decode("utf-8", "ignore")
    newline = kept.find("\n", 0, SLACK_BYTES)
    if newline >= 0:
        return kept[newline + 1 :]
    for index in range(min(len(kept), SLACK_BYTES)):
        if kept[index].isspace():
            return kept[index + 1 :]
    return kept[SLACK_BYTES:]


def _rounded(number: int) -> int:
    return 0 if number <= 0 else 1 << (number - 1).bit_length()
