"""Why an episode is not in a data set: one word each, counted in the plan and the manifest.

In the order in which they are asked: what stands first wins, and who reads the counts learns how
far the others came. docs/datasets.md says each in a sentence.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

TermsReason = Literal[
    "unreadable",
    "not-signed",
    "void",
    "other-bytes",
    "unknown-key",
    "other-audience",
    "unknown-notice",
    "not-yet-given",
    "expired",
    "superseded",
    "withdrawn",
    "purpose",
    "prohibited-use",
    "damaged",
    "imported",
]
"""Reasons of `terms`."""
GroupReason = Literal["duplicate", "same-session", "fewer-than-k", "more-than-a-share"]
"""Reasons that lie in the other episodes of the data set."""
BuildReason = Literal["unreadable", "killed-its-worker", "fewer-than-k"]
"""Reasons for which a build sets an episode aside."""

TERMS_REASONS: Final[tuple[TermsReason, ...]] = get_args(TermsReason)
