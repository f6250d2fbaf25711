"""Rewrite the strings of steps for a plan: masks, new pseudonyms, new placeholder numbers."""

from __future__ import annotations

import hashlib
import hmac
import re
from functools import partial
from typing import TYPE_CHECKING, Final

from signoff_collector.redaction.strings.strings import replace_spans
from signoff_collector.redaction.values.secrets_table import Span, merge_spans
from signoff_collector.review.applying.base_walk import PLACEHOLDER
from signoff_collector.review.applying.titles import without_secrets
from signoff_collector.review.plan.mask_places import misplaced_field
from signoff_collector.review.plan.plan_masks import Labels
from signoff_schemas.session_ids import SESSION_ID
from signoff_schemas.steps import AnyStep

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signoff_schemas.plan import FieldMask, Plan

_PSEUDONYM: Final = re.compile(r"\b(commit|branch|workspace|session)-[0-9a-f]{12}\b")
_SESSION: Final = re.compile(rf"(?<![0-9A-Za-z]){SESSION_ID}(?![0-9A-Za-z])")
"""The id of a session, as our own verbs take and print it: it tells the time of day."""
_IDENTIFIERS: Final = re.compile(r"/(run_id|run_ids/\d+|agent_session)\Z")
_LENGTH: Final = 12


class PlanStrings:
    """The string rewriting of one keep."""

    def __init__(self, plan: Plan, labels: Labels, seed: bytes) -> None:
        self._labels = labels
        self._seed = seed
        named = plan.name_repository
        self._named = {} if named is None else dict(named.commits)
        self._masks: dict[tuple[int, str], list[FieldMask]] = {}
        for mask in plan.mask_fields:
            self._masks.setdefault((mask.seq, mask.field), []).append(mask)

    def rule(self, step: AnyStep, pointer: str, text: str) -> str:
        """Return the replacement for one string of a step.

        Raises:
            MisplacedMaskError: a mask of the plan lies outside the string.
        """
        if _IDENTIFIERS.match(pointer):
            return self.name(pointer[1:].partition("/")[0].removesuffix("s"), text)
        spans: list[Span] = []
        for mask in self._masks.get((step.seq, pointer), ()):
            end = mask.start + mask.length
            if end > len(text):
                raise misplaced_field(mask, len(text))
            group = self._labels.group("MASK", text[mask.start : end])
            spans.append(Span(mask.start, end, group))
        return self._shown(text, spans)

    def plain(self, text: str) -> str:
        """Return the replacement for a string that no mask refers to, such as a path."""
        return self._shown(text, [])

    def said(self, text: str, masked: Iterable[str], *, of: str) -> str:
        """Return text that the developer wrote for sharing, masked like every string.

        Args:
            text: the words.
            masked: values that the plan masks, anywhere in the session.
            of: what the words are; those of another number their placeholders apart.
        """
        own = list(PLACEHOLDER.finditer(text))
        bounds = [0, *(place for match in own for place in match.span()), len(text)]
        pieces = [text[low:high] for low, high in zip(bounds[::2], bounds[1::2], strict=True)]
        values = dict.fromkeys((*self._labels.values("MASK"), *masked))
        shown = without_secrets(pieces, values)
        shown = [PLACEHOLDER.sub(partial(self._relabelled, of), piece) for piece in shown]
        labels = [self.plain(match[0]) for match in own]
        return "".join(part for pair in zip(shown, [*labels, ""], strict=True) for part in pair)

    def _relabelled(self, of: str, match: re.Match[str]) -> str:
        return self._labels.label(self._labels.group(match[1], f"{of} {match[2]}"))

    def name(self, kind: str, old: str) -> str:
        """Return a new pseudonym for an old one; unlinkable to those of other episodes."""
        message = f"{kind}\0{old}".encode()
        digest = hmac.new(self._seed, message, hashlib.sha256).hexdigest()
        return f"{kind.replace('_', '-')}-{digest[:_LENGTH]}"

    def summary(self) -> dict[str, int]:
        """Return the number of different masked values per kind of placeholder."""
        return self._labels.summary()

    def ways(self) -> dict[str, str]:
        """Return how the values behind the placeholders were found; see `Labels.ways`."""
        return self._labels.ways()

    def _shown(self, text: str, spans: list[Span]) -> str:
        if "REDACTED_" in text:
            for match in PLACEHOLDER.finditer(text):
                if match[0] in self._labels.masks:
                    group = self._labels.group(match[1], match[2])
                    spans.append(Span(*match.span(), group))
        if spans:
            text = replace_spans(text, merge_spans(spans), self._labels.label)
        text = _PSEUDONYM.sub(self._renamed, text)
        return _SESSION.sub(lambda match: self.name("session", match[0]), text)

    def _renamed(self, match: re.Match[str]) -> str:
        return self._named.get(match[0]) or self.name(match[1], match[0])
