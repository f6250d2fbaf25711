"""The redactor that sealing uses: learn, mask, write again, verify."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from signoff_collector.redaction.detectors import PLACEHOLDER, VERSION
from signoff_collector.redaction.identities import IdentityPatterns
from signoff_collector.redaction.interface import Finding, RedactionPolicy, TextEdit
from signoff_collector.redaction.learning import TextLearner
from signoff_collector.redaction.secrets_table import SecretsTable
from signoff_collector.redaction.step_strings import map_strings, strings_of
from signoff_collector.redaction.strings import StringMasker
from signoff_collector.redaction.verification import Verification
from signoff_schemas.errors import RefusedError
from signoff_schemas.steps import CommandStep, StepBase, TestsStep
from signoff_schemas.values import Output

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode
    from signoff_collector.redaction.rewriting import Entry
    from signoff_collector.redaction.shown import Masks

ROUNDS: Final = 3
"""How often what verification finds is masked before the episode is refused."""
MIDDLE_BUCKET_BYTES: Final = 1024
"""What was cut out of an output is told in multiples of this."""


class Redactor:
    """Masks one episode; see `interface` for the contract of each method."""

    def __init__(self, policy: RedactionPolicy) -> None:
        self.policy = policy
        self._table = SecretsTable(IdentityPatterns(policy.identities))
        for value in policy.exact_values.values:
            self._table.learn("SECRET", value, is_exact=True)
        self._strings = StringMasker(self._table)

    def redact_episode(self, episode: Episode) -> Episode:
        """Return the episode as it may be sealed.

        Costs two to five walks through the episode, some 0.1 ms per edit.

        Raises:
            RefusedError: after three rounds something is still visible.
        """
        if not self.policy.detect:
            return episode
        learner = TextLearner(episode, self._table)
        learner.detect()
        self._learn_strings(episode)
        findings: list[Finding] = []
        for _ in range(ROUNDS):
            learner.spread()
            while learner.detect_shown():
                learner.spread()
            result = self._write(episode, learner.masks)
            findings = self.verify(result)
            if not findings:
                return result
        raise RefusedError(
            f"{len(findings)} masked values can still be seen, first a {findings[0].kind}"
            f" in {findings[0].place}; no episode was made",
            hint="`signoff forget` the span it was typed in, then seal again.",
        )

    def redact_edits(self, opened: str, edits: Sequence[TextEdit]) -> list[TextEdit | None]:
        """Return the edits of one text as shown; None where an edit shows nothing."""
        from signoff_collector.redaction.single_text import redact_single

        return redact_single(opened, edits, self._table)

    def mask_string(self, text: str) -> str:
        """Return a string outside the texts (output, message, path) with masks."""
        if not self.policy.detect:
            return text
        self._strings.learn(text)
        return self._strings.mask(text)

    def summary(self) -> dict[str, int]:
        """Return placeholder kind to number of different masked values so far."""
        return self._table.summary()

    def verify(self, episode: Episode) -> list[Finding]:
        """Return what is still visible in a redacted episode, and learn it.

        Looks at every state of every text, at every string, and at the stream of all
        inserted text.
        """
        found = Verification(episode, self._table).run()
        for one in found:
            if one.kind != "IDENTITY" and not PLACEHOLDER.search(one.value):
                self._table.learn(one.kind, one.value)
        return [Finding(kind=one.kind, place=one.place) for one in found]

    def _learn_strings(self, episode: Episode) -> None:
        for step in (*episode.steps, episode.header):
            for _, text in strings_of(step):
                self._strings.learn(text)
            if isinstance(step, (CommandStep, TestsStep)):
                self._strings.learn(" ".join(step.argv))

    def _write(self, episode: Episode, masks: Masks) -> Episode:
        from signoff_collector.redaction.bursts import flatten_bursts
        from signoff_collector.redaction.numbering import build_episode
        from signoff_collector.redaction.rewriting import rewrite

        self._table.forget_labels()
        self._strings = StringMasker(self._table)
        masks.label = self._table.label
        rewritten = rewrite(episode, masks, self._string)
        sized = [_with_sizes(entry) for entry in rewritten.entries]
        entries, times = flatten_bursts(sized, episode.files)
        files = tuple(self._strings.mask(path) for path in episode.files)
        if len(set(files)) < len(files):
            raise RefusedError(
                "two files would have the same name after masking; no episode was made",
                hint="`signoff forget --path` one of them, then seal again.",
            )
        header = map_strings(episode.header, lambda _, text: self._strings.mask(text))
        spans = tuple(
            span.model_copy(
                update={
                    "from_ns": times.at(span.from_ns),
                    "to_ns": None if span.to_ns is None else times.at(span.to_ns),
                }
            )
            for span in header.observability
        )
        evidence = tuple(
            tuple(self._strings.mask(one) for one in some) for some in episode.edits.evidence_sets
        )
        header = header.model_copy(
            update={
                "observability": spans,
                "duration_ns": times.at(header.duration_ns),
                "versions": {**header.versions, "detectors": VERSION},
                "exact_values": self.policy.exact_values.origin,
            }
        )
        blobs = rewritten.blobs.contents
        result = build_episode(header, files, entries, blobs, evidence)
        counted = result.header.model_copy(update={"redaction": self._table.summary()})
        return replace(result, header=counted)

    def _string(self, step: StepBase, pointer: str, text: str) -> str:
        if isinstance(step, (CommandStep, TestsStep)) and pointer.startswith("/argv/"):
            place = int(pointer.removeprefix("/argv/"))
            if place:
                return self._strings.mask_argument(text, step.argv[place - 1])
        is_side = pointer in {"/output/head", "/output/tail"}
        if is_side and isinstance(step, CommandStep) and _is_cut(step.output):
            return self._strings.mask_cut(text, at_end=pointer == "/output/head")
        return self._strings.mask(text)


def _with_sizes(entry: Entry) -> Entry:
    """Return the entry with the sizes of an output that is shown, not of the original."""
    step = entry.step
    if not isinstance(step, CommandStep) or step.output is None:
        return entry
    output = step.output
    middle = -(-output.middle_bytes // MIDDLE_BUCKET_BYTES) * MIDDLE_BUCKET_BYTES
    shown = len((output.head + output.tail).encode("utf-8", "surrogatepass")) + middle
    changed = {
        "output": output.model_copy(update={"middle_bytes": middle}),
        "output_bytes": None if step.output_bytes is None else shown,
    }
    return replace(entry, step=step.model_copy(update=changed))


def _is_cut(output: Output | None) -> bool:
    return output is not None and output.middle_bytes > 0
