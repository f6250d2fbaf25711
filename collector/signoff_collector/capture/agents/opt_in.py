"""The opt-in for the text of agents: off until a person agrees at `signoff setup`.

`config/agent_words` of the home holds one word per line, `text` or `transcripts`. Without the file
only names, paths and command lines are kept. A plain file, since the hook has no time to parse
anything else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.own_files.private_files import read_regular, replace_private
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.own_files.home import Home

FILE_NAME: Final = "agent_words"
_MAX_BYTES: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentWords:
    """Which text of an agent may be kept."""

    text: bool = False
    """Prompts, answers, and the inputs and outputs of tools."""

    transcripts: bool = False
    """A copy of the agent's own transcript of a conversation, when it ends."""


def agent_words(home: Home) -> AgentWords:
    """Read what the person allowed; nothing when the file is missing or cannot be read."""
    try:
        lines = read_regular(_path(home), max_bytes=_MAX_BYTES).split(b"\n")
    except SignoffError:
        return AgentWords()
    return AgentWords(text=b"text" in lines, transcripts=b"transcripts" in lines)


def allow_agent_words(home: Home, words: AgentWords) -> None:
    """Store what the person allows from now on; the home must exist.

    Raises:
        SignoffError: it cannot be written.
    """
    lines = [name for name in ("text", "transcripts") if getattr(words, name)]
    if lines:
        replace_private(_path(home), "".join(f"{line}\n" for line in lines).encode("ascii"))
    else:
        _path(home).unlink(missing_ok=True)


def _path(home: Home) -> Path:
    return home.config / FILE_NAME
