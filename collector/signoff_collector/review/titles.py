"""What the developer says of a kept task, as the first step of its episode."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.episode.content import NONE, Edit
from signoff_collector.redaction.identities import IdentityPatterns
from signoff_collector.redaction.interface import Identities
from signoff_collector.redaction.rewriting import REVIEW_SOURCE, Entry
from signoff_collector.redaction.secrets_table import SecretsTable
from signoff_collector.redaction.strings import StringMasker, replace_spans
from signoff_schemas.plan import TaskKeep
from signoff_schemas.steps import TaskStep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from signoff_schemas.plan import Keep

_GONE: Final = "REDACTED_MASK_0"
_SHORTEST: Final = 3
_LONGEST: Final = 256
"""A longer text that was masked is a file, and its words are not what was to be hidden."""


def with_title(keep: Keep, entries: list[Entry], shown: Callable[[str], str]) -> list[Entry]:
    """Return the entries with a `task` step before them where the keep has title or outcome.

    Args:
        keep: says them.
        entries: of the keep, by time.
        shown: masks what the person wrote.
    """
    if not entries or (keep.title is None and keep.outcome is None):
        return entries
    first = entries[0].step
    task = keep.task if isinstance(keep, TaskKeep) else first.task
    step = TaskStep(
        seq=first.seq,
        t_ns=first.t_ns,
        source=REVIEW_SOURCE,
        task=None if isinstance(first, Edit) and task == NONE else task,
        text="" if keep.title is None else shown(keep.title),
        stated="review",
        outcome=keep.outcome,
        outcome_by=None if keep.outcome is None else "person",
    )
    return [Entry(step=step), *entries]


def without_secrets(pieces: Sequence[str], masked: Iterable[str]) -> list[str]:
    """Return words of the developer with what looks like a secret, or is masked, as placeholders.

    By shapes and by the masks of the plan alone, since what is shared may depend on nothing
    but plan and episode. The numbers of the placeholders mean nothing outside of one call.
    """
    from signoff_collector.redaction.interface import RedactionPolicy
    from signoff_collector.redaction.redactor import Redactor

    redactor = Redactor(RedactionPolicy())
    known = StringMasker(_table(masked))
    shown = [replace_spans(p, known.known_spans(p), lambda _: _GONE) for p in pieces]
    return [redactor.mask_string(piece) for piece in shown]


def _table(values: Iterable[str]) -> SecretsTable:
    table = SecretsTable(IdentityPatterns(Identities()))
    for value in values:
        if _SHORTEST <= len(value.strip()) <= _LONGEST:
            table.learn_marked(value.strip())
    return table
