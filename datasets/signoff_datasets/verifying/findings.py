"""What is wrong with a data set, each with the file or episode and the exit code it leads to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Weight = Literal["damaged", "not-signed", "not-proven"]
EXIT_CODES: Final[dict[Weight, int]] = {"damaged": 11, "not-signed": 12, "not-proven": 3}
"""Bytes are not those that the manifest names; a signature does not hold; a row may not be here."""
_ORDER: Final[tuple[Weight, ...]] = ("damaged", "not-signed", "not-proven")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong."""

    weight: Weight
    where: str
    """A path in the data set, or the digest of an episode."""
    what: str

    def row(self) -> dict[str, object]:
        """Return the JSON form."""
        return {"finding": self.weight, "where": self.where, "what": self.what}


def exit_code(findings: list[Finding]) -> int:
    """Return the exit code of the gravest, 0 for none."""
    weights = {one.weight for one in findings}
    return next((EXIT_CODES[one] for one in _ORDER if one in weights), 0)
