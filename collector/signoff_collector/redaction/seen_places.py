"""Locate the step, string or file that holds a value found in an episode's bytes.

Needed only when masking failed: then the place is withheld. Verification also searches
joined texts and the file's bytes, in which a match does not say what it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from signoff_collector.episode.frames import pack
from signoff_collector.redaction.detectors.detectors import PLACEHOLDER
from signoff_collector.redaction.texts.texts import decode_blob
from signoff_collector.redaction.values.byte_search import ByteSearch, without_hashes
from signoff_schemas.steps import seen_on_disk

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode

TYPED: Final = "the inserted text"
"""Name of the concatenated inserted text of all edits."""
HEADER: Final = -1
"""Means the header where a step number is expected."""
NO_STEP: Final = -2
_BLANK: Final = "\0"


class Visible(NamedTuple):
    """A value that is still visible after masking."""

    kind: str
    value: str
    """Empty if only the place is known."""
    place: str
    how: str = ""
    step: int = NO_STEP
    """The step of the result that contains it, or `HEADER`."""
    pointer: str = ""
    """JSON pointer within the step."""
    path: str = ""
    """The masked path of the file that contains it, or whose name it is."""
    is_name: bool = False


Spots = Callable[[], Iterable[tuple[Visible, str]]]
"""Yields every string of the episode, with the `Visible` to report if it contains a value."""


class Places:
    """Finds the steps, strings and files of one episode that contain a value."""

    def __init__(self, episode: Episode, spots: Spots) -> None:
        self._episode = episode
        self._spots = spots

    def holding(self, search: ByteSearch, hashes: set[str]) -> Iterator[Visible]:
        """Yield every string, step and file in which a search has a match."""
        named: set[int] = set()
        for spot, text in self._spots():
            if _holds(search, text):
                named.add(spot.step)
                yield spot._replace(kind="VALUE")
        for step in self._episode.steps:
            if step.seq in named:
                continue
            written = pack(step.model_dump(mode="json"))  # the encoding that the file uses
            if _holds_bytes(search, without_hashes(written, hashes)):
                yield Visible("VALUE", "", f"step {step.seq}", step=step.seq)
        for path, text in self._contents():
            if _holds(search, text):
                yield Visible("VALUE", "", f"the contents of {path}", path=path)

    def around(self, seen: Visible, text: str, value: str) -> Iterator[Visible]:
        """Yield the files that a value belongs to, found in a blob or in the inserted text."""
        if seen.place != TYPED:
            for path, content in self._contents():
                if content == text:
                    yield seen._replace(path=path)
            return
        edits = self._episode.edits
        place = text.find(value)
        if place < 0:  # found only in a decoded view: it may belong to any of the files
            files = set(edits.file.tolist())
        else:
            starts = edits.text_starts
            low = int(starts.searchsorted(place, side="right")) - 1
            high = int(starts.searchsorted(place + len(value), side="left"))
            files = set(edits.file[low:high].tolist())
        for file in sorted(files):
            yield seen._replace(path=self._episode.files[file])

    def _contents(self) -> Iterator[tuple[str, str]]:
        """Yield each blob that a file received, then the joined inserted text of each file."""
        for step in self._episode.steps:
            held = [(step.path, vars(step).get("blob"))]
            held += [(item.path, item.blob) for item in seen_on_disk(step)]
            for path, blob in held:
                if path is not None and isinstance(blob, int):
                    yield path, decode_blob(self._episode.blobs[blob])
        typed: dict[int, list[str]] = {}
        for file, text in zip(
            self._episode.edits.file.tolist(), self._episode.edits.texts(), strict=True
        ):
            typed.setdefault(file, []).append(text)
        for file, texts in typed.items():
            yield self._episode.files[file], "".join(texts)


def _holds(search: ByteSearch, text: str) -> bool:
    content = PLACEHOLDER.sub(lambda match: _BLANK * len(match[0]), text)
    return _holds_bytes(search, content.encode("utf-8", "surrogatepass"))


def _holds_bytes(search: ByteSearch, written: bytes) -> bool:
    return any(True for _ in search.plain(written)) or any(True for _ in search.spelt(written))
