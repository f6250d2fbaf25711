"""Find a value and return its spans, so that plans contain no values."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.redaction.interface import Identities
from signoff_collector.redaction.strings.step_strings import strings_of
from signoff_collector.redaction.strings.strings import StringMasker
from signoff_collector.redaction.texts.learning import TextLearner
from signoff_collector.redaction.texts.text_lines import lines_around
from signoff_collector.redaction.texts.texts import DISK, Key, TextStates
from signoff_collector.redaction.values.identities import IdentityPatterns
from signoff_collector.redaction.values.secrets_table import SecretsTable
from signoff_collector.review.plan.linking import apart, linked
from signoff_schemas.errors import UsageError
from signoff_schemas.plan import FieldMask, TextMask
from signoff_schemas.steps import StepBase

if TYPE_CHECKING:
    from array import array

    from signoff_collector.episode.content import Episode
    from signoff_collector.redaction.texts.shown import Masks, Run

MIN_VALUE: Final = 3
_NAME_FIELDS: Final = ("/path", "/old_path")


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueMasks:
    """Occurrences of a value in an episode."""

    texts: tuple[TextMask, ...]
    fields: tuple[FieldMask, ...]
    text_places: int
    """How many occurrences in texts they cover: what is typed key by key is one."""
    field_places: int
    """How many occurrences in strings of steps."""
    named_paths: tuple[str, ...]
    """Files whose name contains it: a name cannot be masked, but the file can be cut."""


def masks_for_value(value: str, episode: Episode) -> ValueMasks:
    """Return spans for every occurrence of a value, in any of its Unicode forms.

    Partial copies count from 6 consecutive characters.

    Raises:
        UsageError: the value is too short to be looked for.
    """
    if len(value.strip()) < MIN_VALUE:
        raise UsageError(f"a value of fewer than {MIN_VALUE} characters masks everything")
    table = SecretsTable(IdentityPatterns(Identities()))
    for form in _forms_of(value.strip()):
        table.learn_marked(form)
    learner = TextLearner(episode, table, widens=False)
    learner.spread()
    fields, named = _in_strings(episode, table)
    return ValueMasks(
        texts=tuple(_spans(episode, learner.masks)),
        fields=tuple(fields),
        text_places=linked(_runs(episode, learner.masks)),
        field_places=apart(fields),
        named_paths=tuple(sorted(named)),
    )


def _forms_of(value: str) -> list[str]:
    forms = [unicodedata.normalize(name, value) for name in ("NFC", "NFD", "NFKC", "NFKD")]
    return list(dict.fromkeys([value, *forms]))


def _spans(episode: Episode, masks: Masks) -> Iterator[TextMask]:
    """Yield a span for every masked run at the step where its characters first exist."""
    states = TextStates(episode)
    covered: set[int] = set()
    for step, touched in states.walk():
        masks.grow(states.id_count)
        if isinstance(step, StepBase):
            present = [key for key in touched if key in states.texts]
            places = [(key, (0, states.texts[key].length)) for key in present]
        else:
            places = [(Key(step.file, step.buffer), (step.start, step.start + len(step.text)))]
        for key, (low, high) in places:
            ids = states.texts[key].ids_of(low, high)
            for run in masks.runs(ids, low):
                masked = ids[run.start - low : run.end - low]
                if not covered.issuperset(masked):
                    covered.update(masked)
                    yield _mask(step.seq, key, run)


def _runs(episode: Episode, masks: Masks) -> Iterator[array[int]]:
    """Yield the characters of every masked run in a line that a step changed."""
    states = TextStates(episode)
    for step, touched in states.walk():
        if isinstance(step, StepBase):
            parts = [states.texts[key].ids for key in touched if key in states.texts]
        else:
            text = states.texts[Key(step.file, step.buffer)]
            parts = [text.ids_of(*lines_around(text, step.start, len(step.text)))]
        for ids in parts:
            for run in masks.runs(ids):
                yield ids[run.start : run.end]


def _mask(seq: int, key: Key, run: Run) -> TextMask:
    return TextMask(
        after_seq=seq,
        file=key.file,
        buffer=None if key.buffer == DISK else key.buffer,
        start=run.start,
        length=run.end - run.start,
    )


def _in_strings(episode: Episode, table: SecretsTable) -> tuple[list[FieldMask], set[str]]:
    strings = StringMasker(table)
    fields: list[FieldMask] = []
    named = {path for path in episode.files if strings.known_spans(path)}
    for step in episode.steps:
        for pointer, text in strings_of(step):
            spans = strings.known_spans(text)
            if spans and pointer.endswith(_NAME_FIELDS):
                named.add(text)
                continue
            for span in spans:
                length = span.end - span.start
                fields.append(
                    FieldMask(seq=step.seq, field=pointer, start=span.start, length=length)
                )
    return fields, named
