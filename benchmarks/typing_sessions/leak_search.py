"""Looks for pieces of secrets in an episode, in whatever form a reader could turn it into.

A piece is a run of 6 characters. Looked at are the bytes of the file and of its decompressed
stream; every state of every text; all inserted and all deleted text, in order; every string of
every step; and each of these without colours, without line breaks, with escapes undone, and
decoded from base64.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
import urllib.parse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import zstandard

from signoff_collector.episode.content import Edit, Episode
from signoff_collector.redaction.strings.step_strings import strings_of
from signoff_collector.redaction.texts.texts import Key, TextStates

WINDOW: Final = 6
_REACH: Final = 400
_COLOURS: Final = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\r\x08]")
_BREAKS: Final = re.compile(r"\n[ \t]*(?:[-+>|#*][ \t]?)?")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{11,}")
_ESCAPE: Final = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|([nrt\"'\\/]))")
_SEAM: Final = re.compile(r"[\"'`]\s*[-+.,&|]?\s*[bfru]{0,2}[\"'`]")
_HASHES: Final = re.compile(rb"[0-9a-f]{64}")
"""Of shown contents; of 6 hexadecimal digits some are in any hash."""
_SHORT: Final = {"n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True, slots=True)
class Leak:
    """Where pieces of a secret can be seen."""

    place: str
    windows: tuple[str, ...]


def find_leaks(
    data: bytes, episode: Episode, windows: set[str], parts: Iterable[str] = ()
) -> list[Leak]:
    """Return the places of an episode, and of its file, that show any of the windows.

    Args:
        data: the file.
        episode: what it holds.
        windows: pieces that must not be seen.
        parts: the secrets that they are from, not to be assembled from overlapping labels.
    """
    search = _Search(windows)
    with zstandard.ZstdDecompressor().stream_reader(
        io.BytesIO(data), read_across_frames=True
    ) as reader:
        plain = _HASHES.sub(b"", reader.read())
    found = [one for one in windows if one.encode() in plain or one.encode() in data]
    if found:
        search.leaks.append(Leak("the bytes of the file", tuple(sorted(found))))
    for place, text in _everything(episode):
        search.look(place, text)
    search.leaks.extend(_from_labels(episode, parts))
    return search.leaks


def _from_labels(episode: Episode, parts: Iterable[str]) -> Iterator[Leak]:
    """Yield what overlapping completion labels give when they are laid over each other."""
    offered = (getattr(step, "offered", ()) for step in episode.steps)
    labels = {label for some in offered for label in some if 3 <= len(label) < WINDOW}
    for part in parts:
        places = sorted((part.find(label), label) for label in labels if label in part)
        end = run = 0
        for start, label in places:
            run = run + start + len(label) - end if start < end - 1 else len(label)
            end = start + len(label)
            if run > WINDOW + 1:
                yield Leak("labels that overlap", (part[end - run : end],))
                break


class _Search:
    def __init__(self, windows: set[str]) -> None:
        self._windows = windows
        self._seen: set[str] = set()
        self.leaks: list[Leak] = []

    def look(self, place: str, text: str) -> None:
        for view in views(text):
            found: set[str] = set()
            for line in view.split("\n"):
                if line in self._seen:
                    continue
                self._seen.add(line)
                found |= self._windows.intersection(
                    [line[at : at + WINDOW] for at in range(len(line) - WINDOW + 1)]
                )
            if found:
                self.leaks.append(Leak(place, tuple(sorted(found))))


def views(text: str) -> Iterator[str]:
    """Yield a text and what it turns into when it is decoded in the usual ways."""
    yield text
    plain = _COLOURS.sub("", text) if "\x1b" in text or "\r" in text or "\x08" in text else text
    if plain != text:
        yield plain
    joined = _BREAKS.sub("", plain) if "\n" in plain else plain
    if joined != plain:
        yield joined
    if "\\" in joined:
        yield _ESCAPE.sub(_unescaped, joined)
    if any(joined.count(quote) > 2 for quote in "\"'`"):
        yield _SEAM.sub("", joined)
    if "%" in joined:
        yield urllib.parse.unquote(joined)
    if "&" in joined:
        yield joined.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
    for run in _BASE64.findall(joined):
        yield from _decoded(run)


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else _SHORT.get(match[3], match[3])


def _decoded(run: str) -> Iterator[str]:
    standard = run.replace("-", "+").replace("_", "/")
    for shift in range(4):
        part = standard[shift:]
        part = part[:-1] if len(part) % 4 == 1 else part + "=" * (-len(part) % 4)
        try:
            yield base64.b64decode(part).decode("latin-1").replace("\n", " ")
        except (ValueError, binascii.Error):
            continue


def _everything(episode: Episode) -> Iterator[tuple[str, str]]:
    yield from _texts(episode)
    yield "all inserted text", episode.edits.text
    for step in (*episode.steps, episode.header):
        seq = getattr(step, "seq", "header")
        for pointer, text in strings_of(step):
            yield f"step {seq} {pointer}", text
    yield "names of files", "\n".join(episode.files)
    for number, some in enumerate(episode.edits.evidence_sets):
        yield f"evidence {number}", "\n".join(some)
    for number, blob in enumerate(episode.blobs):
        yield f"blob {number}", blob.decode("utf-8", "replace")


def _texts(episode: Episode) -> Iterator[tuple[str, str]]:
    states = TextStates(episode)
    gone: list[str] = []
    for step in episode.ordered():
        if isinstance(step, Edit):
            text = states.texts[Key(step.file, step.buffer)]
            gone.append(text.part(step.start, step.start + step.deleted))
            states.apply_edit(step)
            low = max(0, step.start - _REACH)
            part = text.part(low, step.start + len(step.text) + _REACH)
            yield f"{states.paths[step.file]} after edit {step.seq}", part
            continue
        for key in states.apply_step(step):
            if key in states.texts:
                yield f"{states.paths[key.file]} after step {step.seq}", states.texts[key].chars
    yield "all deleted text", "".join(gone)
    yield "all deleted text, backwards", "".join(reversed(gone))
    yield "all inserted text, backwards", "".join(reversed(list(episode.edits.texts())))
