"""Redact one episode: detect values, mask them, rewrite the episode, verify its bytes."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.episode.masked import MARK
from signoff_collector.redaction.detectors.detectors import PLACEHOLDER, VERSION
from signoff_collector.redaction.interface import RedactionPolicy, ToCheck
from signoff_collector.redaction.leaving_out import WITHHELD, LeavingOut
from signoff_collector.redaction.path_names import is_path
from signoff_collector.redaction.randomness.checked_tokens import checked_tokens_of
from signoff_collector.redaction.seen_places import HEADER
from signoff_collector.redaction.strings.step_strings import (
    map_strings,
    resists_masking,
    strings_of,
)
from signoff_collector.redaction.strings.strings import StringMasker
from signoff_collector.redaction.texts.learning import TextLearner
from signoff_collector.redaction.texts.streams import mark_streams, streams_of
from signoff_collector.redaction.texts.texts import named_paths
from signoff_collector.redaction.values.identities import IdentityPatterns
from signoff_collector.redaction.values.pieces_of_values import mark_pieces, spelt_in_labels
from signoff_collector.redaction.values.secrets_table import SecretsTable
from signoff_collector.redaction.values.ways import IDENTITY, NOVEL
from signoff_collector.redaction.verifying.second_engine import load_second_engine
from signoff_collector.redaction.verifying.verification import Shown, Verification
from signoff_collector.redaction.writing.placeholders import looks_in
from signoff_collector.redaction.writing.withholding import (
    SOURCE,
    Published,
    Withheld,
    find_published,
)
from signoff_schemas.errors import RefusedError, SignoffError
from signoff_schemas.steps import AnyStep, AssistStep, CommandStep, TestsStep
from signoff_schemas.values import Output

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode
    from signoff_collector.redaction.seen_places import Visible
    from signoff_collector.redaction.texts.shown import Masks
    from signoff_collector.redaction.verifying.second_engine import SecondEngine
    from signoff_collector.redaction.writing.rewriting import Entry

ROUNDS: Final = 3
"""How many rounds mask the findings of verification before places are withheld."""
LEAVING_ROUNDS: Final = 5
"""How many rounds may withhold places: a string, then its step, then its file."""
MIDDLE_BUCKET_BYTES: Final = 1024
"""The size of what was cut out of an output is rounded up to a multiple of this (threat 17)."""


_LABELS: Final = ("/offered/", "/chosen", "/inserted")
_SHORTEST_LEARNT: Final = 3
NAMED_PLACES: Final = 3
"""How many places the message of a refusal lists."""

Finish = Callable[["Episode"], "Episode"]
"""A last transformation of the masked episode before it is written, such as tree hashes."""
Progress = Callable[[str], None]
"""Called with the name of each phase: `looking`, `masking`, `writing`, `checking`."""


class Redactor:
    """Masks one episode; see `interface` for the contract of each method.

    Args:
        policy: what is masked.
        engine_cache: private folder in which the second engine caches its compiled rules.
        progress: called at the start of each phase.
    """

    def __init__(
        self,
        policy: RedactionPolicy,
        *,
        engine_cache: Path | None = None,
        progress: Progress = lambda _: None,
    ) -> None:
        self.policy = policy
        self._engine_cache = engine_cache
        self._progress = progress
        self._table = SecretsTable(IdentityPatterns(policy.identities, policy.commits))
        self._published = Published()
        self._spelt: frozenset[int] = frozenset()
        """Groups whose value the labels of completions spell in short pieces."""
        self.origins: tuple[int, ...] = ()
        """For each step of the result the `seq` of its original step."""
        self._shown: frozenset[int] = frozenset()
        """Groups of `RedactionPolicy.shown_values`: never masked."""
        self._paths: Mapping[str, str] = {}
        """Original path of each file to its masked path."""
        self._left_out: LeavingOut | None = None
        for value in policy.exact_values.values:
            self._table.learn_known(value)
        self._strings = StringMasker(self._table, base=policy.base)

    def redact_episode(self, episode: Episode) -> Episode:
        """Return the episode as it may be sealed; see `seal_episode`."""
        return self.seal_episode(episode)[0]

    def seal_episode(
        self, episode: Episode, *, finish: Finish = lambda episode: episode
    ) -> tuple[Episode, bytes]:
        """Return the episode as it may be sealed, and the bytes of its file.

        Exactly these bytes were verified. Costs two to five walks through the episode, some
        0.1 ms per edit.

        Raises:
            RefusedError: a value is still visible after everything that can be withheld is
                withheld, or a search engine is missing.
            SignoffError: the episode does not fit into a file.
        """
        if not self.policy.detect:
            finished = finish(episode)
            return finished, _written(finished)
        engine = load_second_engine(self._engine_cache)
        self._table.checked = checked_tokens_of(episode, self.policy.commits)
        learner = TextLearner(episode, self._table, base=self.policy.base)
        self._progress("looking")
        learner.detect()
        looks = self._learn_strings(episode)
        self._table.take(learner.looks, looks)
        if self.policy.is_strict:
            self._learn_novel(episode)
        streams = streams_of(episode)
        findings: list[Visible] = []
        left_out = self._left_out = LeavingOut(episode)
        for number in range(ROUNDS + LEAVING_ROUNDS):
            self._progress("masking")
            learner.spread()
            # Each mask can reveal another value or piece of one: repeat to a fixed point.
            while (
                learner.detect_shown()
                or mark_streams(streams, learner.masks, self._table)
                or mark_pieces(streams[0], learner.masks, self._table)
            ):
                learner.spread()
            self._published = find_published(self.policy.base, self._table)
            self._progress("writing")
            self._shown = self._table.groups_of(self.policy.shown_values)
            result = finish(self._write(episode, learner.masks.without(self._shown), engine))
            data = _written(result)
            self._progress("checking")
            findings = self.verify(result, data, engine, learner.searched)
            if not findings:
                return result, data
            # The first rounds only mask: `verify` has learnt the findings by value.
            if number + 1 >= ROUNDS and not left_out.add(findings, self._paths, self.origins):
                break
        raise _refusal(findings)

    def mask_string(self, text: str) -> str:
        """Return a string that is no file text (output, message, path) with masks."""
        if not self.policy.detect:
            return text
        self._strings.learn(text)
        return self._strings.mask(text)

    @property
    def table(self) -> SecretsTable:
        """All values that were recognised. Redacting more texts with it adds to it."""
        return self._table

    @property
    def to_check(self) -> tuple[ToCheck, ...]:
        """What was left unmasked or withheld, and a person should check in review."""
        left_out = () if self._left_out is None else self._left_out.to_check
        return (*self._published.to_check, *left_out)

    def values_of(self, placeholder: str) -> frozenset[str]:
        """Return the values behind a placeholder of the last result, in all learnt forms."""
        return self._table.values_of(placeholder)

    def summary(self) -> dict[str, int]:
        """Count the different masked values so far by placeholder kind."""
        return self._table.summary()

    def verify(
        self, episode: Episode, data: bytes, engine: SecondEngine, searched: Container[int]
    ) -> list[Visible]:
        """Return the values still visible in a redacted episode and its bytes, and learn them."""
        base = self.policy.base
        shown = Shown(self._shown, self.policy.shown_values)
        look = Verification(
            episode, data, self._table, engine, base=base, searched=searched, shown=shown
        )
        found = look.run()
        for one in found:
            value, kind, how = one.value, one.kind, one.how
            # Found directly beside a placeholder, where the search for identities, which
            # matches whole words, could not see it before masking.
            if kind == "IDENTITY":
                value, kind, how = value.strip("\0"), "VALUE", IDENTITY
            is_news = not self._table.is_kept(value)
            if is_news and len(value) >= _SHORTEST_LEARNT and not PLACEHOLDER.search(value):
                self._table.learn(kind, value, is_exact=True, how=how)
        return found

    def _learn_novel(self, episode: Episode) -> None:
        """Learn tokens without a known word that no other detector found (`is_strict`)."""
        from signoff_collector.redaction.randomness.novel import novel_tokens

        for token in novel_tokens(episode, self.policy.words):
            if not self._table.find_raw(token.value):
                self._table.learn("NOVEL", token.value, is_exact=True, how=NOVEL)

    def _learn_strings(self, episode: Episode) -> set[str]:
        """Learn the secrets of all strings; return what looks like a placeholder in them."""
        looks: set[str] = set()
        for step in (*episode.steps, episode.header):
            for pointer, text in strings_of(step):
                looks.update(looks_in(text))
                if is_path(pointer, text):
                    self._strings.learn_path(text)
                else:
                    self._strings.learn(text)
            if isinstance(step, (CommandStep, TestsStep)):
                self._strings.learn(" ".join(step.argv))
        return looks

    def _write(self, episode: Episode, masks: Masks, engine: SecondEngine) -> Episode:
        from signoff_collector.redaction.writing.bursts import flatten_bursts
        from signoff_collector.redaction.writing.numbering import build_episode
        from signoff_collector.redaction.writing.rewriting import rewrite

        self._table.forget_labels()
        published = self._published
        self._strings = StringMasker(
            self._table, base=self.policy.base, published=published.groups, shown=self._shown
        )
        self._spelt = spelt_in_labels(episode, self._table)
        hidden = () if self._left_out is None else self._left_out.names
        self._paths = self._strings.mask_paths(named_paths(episode), hidden)
        masks.label = self._table.label
        left_out = LeavingOut(episode) if self._left_out is None else self._left_out
        withheld = Withheld(
            episode, published.paths | left_out.files, self._resists, left_out.steps
        )
        rewritten = rewrite(
            episode,
            masks,
            self._string,
            fate_of=withheld.fate_of,
            has_text=withheld.has_text,
            source=SOURCE,
            says_gaps=False,
        )
        sized = [_with_sizes(entry) for entry in withheld.with_gaps(rewritten.entries)]
        entries, times = flatten_bursts(sized, episode.files)
        self.origins = tuple(entry.step.seq for entry in entries if entry.is_shown)
        files = tuple(self._paths[path] for path in episode.files)
        header = map_strings(episode.header, self._header_string)
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
                "versions": {
                    **header.versions,
                    "detectors": VERSION,
                    MARK: engine.version,
                },
                "exact_values": self.policy.exact_values.origin,
            }
        )
        blobs = rewritten.blobs.contents
        result = build_episode(header, files, entries, blobs, evidence)
        report = {"redaction": self._table.summary(), "masks": self._table.ways()}
        counted = result.header.model_copy(update=report)
        return replace(result, header=counted)

    def _resists(self, step: AnyStep) -> bool:
        return resists_masking(step, lambda _, text: self._strings.mask(text))

    def _header_string(self, pointer: str, text: str) -> str:
        is_withheld = self._left_out is not None and (HEADER, pointer) in self._left_out.strings
        return WITHHELD if is_withheld else self._strings.mask(text)

    def _string(self, step: AnyStep, pointer: str, text: str) -> str:
        if is_path(pointer, text):
            return self._paths.get(text) or self._strings.mask_path(text)
        if self._left_out is not None and (step.seq, pointer) in self._left_out.strings:
            return WITHHELD
        if isinstance(step, (CommandStep, TestsStep)) and pointer.startswith("/argv/"):
            place = int(pointer.removeprefix("/argv/"))
            if place:
                return self._strings.mask_argument(text, step.argv[place - 1])
        if isinstance(step, AssistStep) and pointer.startswith(_LABELS):
            return self._strings.mask_label(text, self._spelt)
        is_side = pointer in {"/output/head", "/output/tail"}
        if is_side and isinstance(step, CommandStep) and _is_cut(step.output):
            return self._strings.mask_cut(text, at_end=pointer == "/output/head")
        return self._strings.mask(text)


def _written(episode: Episode) -> bytes:
    from signoff_collector.episode.file.writer import write_episode

    try:
        return write_episode(episode)
    except ValueError as error:
        raise SignoffError(
            f"the session does not fit into an episode: {error}",
            hint="`signoff forget` a span of it, then seal again.",
        ) from error


def _refusal(findings: Sequence[Visible]) -> RefusedError:
    """Return the error of a refused episode: it names kinds and places, never values."""
    named = list(dict.fromkeys(f"a {one.kind} in {one.place}" for one in findings))
    said = "; ".join(named[:NAMED_PLACES])
    if len(named) > NAMED_PLACES:
        said += f"; {len(named) - NAMED_PLACES} more"
    return RefusedError(
        f"something is still visible after all that can be masked or left out: {said};"
        " no episode was made",
        hint="`signoff forget --path` that file, or `--last` that span, then `signoff seal` again.",
    )


def _with_sizes(entry: Entry) -> Entry:
    """Recompute the sizes of an output from its masked text: the original ones leak lengths."""
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
