"""What sealing and review see of redaction.

Sealing builds the episode in memory with the original texts and hands it to
`Redactor.redact_episode`; what comes back is written. Nothing else may write an episode
that was recorded. The original is never changed.

    policy = RedactionPolicy(exact_values=gather_exact_values(environ, root, origin="relearned"),
                             identities=machine_identities(root))
    redacted = Redactor(policy).redact_episode(episode)

The redactor also does what follows from masking (docs/redaction.md): hashes, sizes,
offsets, cursors, versions and ranges are those of the shown text; edits inside a masked run
vanish; `seq` and `txn` are gapless again; a burst of masked typing lasts one second.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from signoff_collector.known_values.exact_values import NO_VALUES, ExactValues
from signoff_collector.redaction.texts.public_base import NO_BASE, BaseText

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode


@dataclass(frozen=True, slots=True, kw_only=True)
class Identities:
    """Who and where this machine is, to be masked by exact value."""

    home_paths: tuple[str, ...] = ()
    """Home folders, as absolute paths."""
    user_names: tuple[str, ...] = ()
    host_names: tuple[str, ...] = ()
    person_names: tuple[str, ...] = ()
    """Names of git authors, of the machine and of the recorded history."""
    email_addresses: tuple[str, ...] = ()
    workspace_paths: tuple[str, ...] = ()
    """Absolute paths of the workspace, shown as one placeholder."""
    own_values: tuple[str, ...] = ()
    """Which of the names and addresses are the developer's: shown as `self` in strings."""
    people: tuple[tuple[str, ...], ...] = ()
    """Names and addresses that belong to one git author each: shown as `other1`, `other2`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactionPolicy:
    """Everything that decides what is masked; same policy, same episode, same result."""

    exact_values: ExactValues = NO_VALUES
    identities: Identities = field(default_factory=Identities)
    base: BaseText = NO_BASE
    """What the base commit holds of the episode's files, and whether everybody has it."""
    commits: Mapping[str, str] = field(default_factory=dict[str, str])
    """Object ids of commits, in full, and the names that stand for them."""
    words: frozenset[str] = frozenset()
    """Words of the repository's last commit, in lower case."""
    is_strict: bool = False
    """Whether tokens made of no known word are masked too; see `novel`."""
    shown_values: frozenset[str] = frozenset()
    """Values that a person wants shown, whatever recognises them; see `review.unmasking`."""
    detect: bool = True
    """False switches masking off: only for importing public traces (`--no-redact`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextEdit:
    """One replacement in one text, in code points."""

    start: int
    deleted: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToCheck:
    """Something left as it is that a person should look at: never holds the value."""

    kind: str
    place: str
    """Where, in words: `src/app.py line 3 of the public base`."""
    reason: str


class RedactorLike(Protocol):
    """The seam; `signoff_collector.redaction.redactor.Redactor` implements it."""

    def redact_episode(self, episode: Episode) -> Episode:
        """Return the episode as it may be sealed.

        Raises:
            RefusedError: with all left out that can be something is still visible; the
                message says where, never what.
        """
        ...

    def redact_edits(self, opened: str, edits: Sequence[TextEdit]) -> list[TextEdit | None]:
        """Return the edits of one text as shown; None where an edit shows nothing."""
        ...

    def mask_string(self, text: str) -> str:
        """Return a string outside the texts (output, message, path) with masks."""
        ...

    def summary(self) -> dict[str, int]:
        """Return placeholder kind to number of different masked values so far."""
        ...
