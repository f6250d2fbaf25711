"""Reading an episode as a worker does: strictly, whole, and to its end. Numbers come out, no text.

The worker reads bytes of a stranger, so what it says is parsed as foreign too (`Examined`).
"""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field

from signoff_collector.consent.stated_numbers import shared_episode, stated_redaction
from signoff_collector.episode.file.strict import strict_check
from signoff_collector.episode.imported import refuse_imported
from signoff_collector.episode.masked import refuse_unmasked
from signoff_collector.episode.moments.checking import check_replay
from signoff_collector.own_files.private_files import read_regular
from signoff_hub.place.faults import FaultCode
from signoff_schemas.errors import DamagedError, NewerVersionError, RefusedError
from signoff_schemas.strict import Count, Sha256, Strict, Word

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.episode.content import Episode
    from signoff_schemas.statement import Predicate

_Kind = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,39}$")]
_LANGUAGES: Final = {
    ".c": "c",
    ".cc": "c++",
    ".cpp": "c++",
    ".cs": "c#",
    ".css": "css",
    ".ex": "elixir",
    ".go": "go",
    ".h": "c",
    ".hpp": "c++",
    ".hs": "haskell",
    ".html": "html",
    ".java": "java",
    ".js": "javascript",
    ".jsx": "javascript",
    ".kt": "kotlin",
    ".lua": "lua",
    ".md": "markdown",
    ".php": "php",
    ".pl": "perl",
    ".py": "python",
    ".r": "r",
    ".rb": "ruby",
    ".rs": "rust",
    ".scala": "scala",
    ".sh": "shell",
    ".sql": "sql",
    ".svelte": "svelte",
    ".swift": "swift",
    ".ts": "typescript",
    ".tsx": "typescript",
    ".vue": "vue",
    ".zig": "zig",
}
"""Language by the end of a file's name; other ends are not told."""


class Examined(Strict):
    """What a worker found; without a fault, all of it."""

    sha256: Sha256
    """Of the bytes that were read."""
    size_bytes: Count
    fault: FaultCode | None = Field(default=None, strict=False)
    format_version: Count = 0
    steps: dict[Word, Count] = Field(default={})
    redaction: dict[_Kind, Count] = Field(default={})
    time_resolution: Literal["exact", "100ms", "1s", "none"] = "none"
    languages: tuple[Annotated[str, Field(pattern=r"^[a-z+#]{1,20}$")], ...] = ()

    def facts(self) -> dict[str, object]:
        """Return what the index keeps of an admitted episode."""
        return {"steps": dict(self.steps), "languages": list(self.languages)}


def examine(path: Path, max_bytes: int) -> Examined:
    """Read an episode from a file; whatever is wrong with it is a fault, never an error."""
    content = read_regular(path, max_bytes=max_bytes)
    found = Examined(sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content))
    try:
        episode = strict_check(content)
        fault = _fault(episode)
    except NewerVersionError:
        return found.model_copy(update={"fault": FaultCode.NEWER_VERSION})
    except DamagedError:
        return found.model_copy(update={"fault": FaultCode.DAMAGED})
    except MemoryError:
        return found.model_copy(update={"fault": FaultCode.LIMITS})
    if fault is not None:
        return found.model_copy(update={"fault": fault})
    stated = shared_episode(len(content), episode)
    return found.model_copy(
        update={
            "format_version": stated.format_version,
            "steps": stated.steps,
            "redaction": stated_redaction(episode.header),
            "time_resolution": stated.time_resolution,
            "languages": _languages(episode),
        }
    )


def fault_of(examined: Examined, sha256: str, predicate: Predicate) -> FaultCode | None:
    """Return why a sign-off does not hold for what was read, or None."""
    if examined.sha256 != sha256:
        return FaultCode.DIGEST_MISMATCH
    if examined.fault is not None:
        return examined.fault
    said = predicate.episode
    is_as_stated = (
        examined.size_bytes == said.size_bytes
        and examined.format_version == said.format_version
        and examined.steps == said.steps
        and examined.time_resolution == said.time_resolution
        and examined.redaction == predicate.redaction
    )
    return None if is_as_stated else FaultCode.CONTENT


def _fault(episode: Episode) -> FaultCode | None:
    """Return why nobody may share an episode that is whole.

    Raises:
        DamagedError: an edit does not fit its text.
    """
    try:
        refuse_imported(episode.header)
    except RefusedError:
        return FaultCode.IMPORTED
    try:
        refuse_unmasked(episode.header)
    except RefusedError:
        return FaultCode.UNMASKED
    if episode.header.origin != "shared":
        return FaultCode.NOT_REVIEWED
    return FaultCode.REPLAY if check_replay(episode).mismatches else None


def _languages(episode: Episode) -> tuple[str, ...]:
    ends = {PurePosixPath(path).suffix.lower() for path in episode.files}
    return tuple(sorted({_LANGUAGES[end] for end in ends if end in _LANGUAGES}))
