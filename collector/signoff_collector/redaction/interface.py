"""The interface of redaction, as sealing and review use it.

Sealing builds the episode in memory with the original texts, passes it to
`Redactor.redact_episode` and writes the result. No other code may write a recorded episode.
The original episode is never changed.

    policy = RedactionPolicy(exact_values=gather_exact_values(environ, root, origin="relearned"),
                             identities=machine_identities(root))
    redacted = Redactor(policy).redact_episode(episode)

The redactor also removes side channels of masked values (docs/redaction.md). Hashes, sizes,
offsets, cursors, versions and ranges are recomputed for the shown text. Edits inside a masked
run are dropped, and `seq` and `txn` are renumbered without gaps. A burst of masked typing
always lasts one second.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from signoff_collector.known_values.exact_values import NO_VALUES, ExactValues
from signoff_collector.redaction.texts.public_base import NO_BASE, BaseText

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Identities:
    """Names, addresses and paths that identify this machine and its people.

    They are masked by exact value.
    """

    home_paths: tuple[str, ...] = ()
    """Home folders, as absolute paths."""
    user_names: tuple[str, ...] = ()
    host_names: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    """Domains of the developer's organisation: every name in them is masked as a host."""
    person_names: tuple[str, ...] = ()
    """Names of git authors, of the machine and of the recorded history."""
    email_addresses: tuple[str, ...] = ()
    workspace_paths: tuple[str, ...] = ()
    """Absolute paths of the workspace, shown as one placeholder."""
    own_values: tuple[str, ...] = ()
    """The developer's own names and addresses: shown as `self` in strings."""
    people: tuple[tuple[str, ...], ...] = ()
    """One tuple of names and addresses per git author: shown as `other1`, `other2`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactionPolicy:
    """All settings that decide what is masked.

    Redaction is deterministic: the same policy and episode give the same result.
    """

    exact_values: ExactValues = NO_VALUES
    identities: Identities = field(default_factory=Identities)
    base: BaseText = NO_BASE
    """Texts of the episode's files at the base commit, and whether that commit is public."""
    commits: Mapping[str, str] = field(default_factory=dict[str, str])
    """Full object id of each commit to its pseudonym."""
    words: frozenset[str] = frozenset()
    """Vocabulary of the repository's last commit, in lower case."""
    is_strict: bool = False
    """Whether tokens that contain no known word are masked too; see `novel`."""
    shown_values: frozenset[str] = frozenset()
    """Allow-list of a person: never masked, whatever detects them; see `review.unmasking`."""
    detect: bool = True
    """False disables masking: only for the import of public traces (`--no-redact`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToCheck:
    """A place that a person should check in review. Never holds the value itself."""

    kind: str
    place: str
    """A readable location: `src/app.py line 3 of the public base`."""
    reason: str
