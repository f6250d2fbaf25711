"""The redactor that sealing uses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from signoff_collector.redaction.interface import RedactionPolicy, TextEdit

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode

DETECTORS_VERSION = "1"
"""For the header's `versions["detectors"]`."""


class Redactor:
    """Masks one episode; see `interface` for the contract of each method."""

    def __init__(self, policy: RedactionPolicy) -> None:
        self.policy = policy

    def redact_episode(self, episode: Episode) -> Episode:
        """Return the episode as it may be sealed."""
        return episode

    def redact_edits(self, opened: str, edits: Sequence[TextEdit]) -> list[TextEdit | None]:
        """Return the edits of one text as shown; None where an edit shows nothing."""
        del opened
        return list(edits)

    def mask_string(self, text: str) -> str:
        """Return a string outside the texts with masks."""
        return self.policy.exact_values.mask_text(text)

    def summary(self) -> dict[str, int]:
        """Return placeholder kind to number of different masked values so far."""
        return {}
