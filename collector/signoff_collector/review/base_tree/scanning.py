"""Scan the files of a base commit with all detectors that sealing uses.

A file with anything that would be masked in a session is withheld as a whole: a gap in a file that
others have reveals what was there (threat 4). If the base is declared public, names and addresses
in it count as known to everybody (decision 13); secrets are withheld all the same.
"""

from __future__ import annotations

import hashlib
from array import array
from typing import TYPE_CHECKING, Final

from signoff_collector import __version__
from signoff_collector.episode.content import Episode
from signoff_collector.redaction.detectors.detectors import VERSION, is_opaque, is_wordlike
from signoff_collector.redaction.randomness.checked_tokens import checked_tokens_in
from signoff_collector.redaction.randomness.novel import tokens_in, unknown_characters
from signoff_collector.redaction.strings.strings import StringMasker
from signoff_collector.redaction.texts.learning import TextLearner
from signoff_collector.redaction.values.identities import CommitIndex, IdentityPatterns
from signoff_collector.redaction.values.secrets_table import SecretsTable
from signoff_collector.review.base_tree.tree import ExcludedFile
from signoff_schemas.header import EpisodeHeader
from signoff_schemas.steps import CreateStep

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Sequence

    from signoff_collector.redaction.interface import Identities, RedactionPolicy
    from signoff_collector.redaction.verifying.second_engine import SecondEngine
    from signoff_collector.review.base_tree.reading import ReadFile
    from signoff_collector.review.base_tree.tree import Why


_TELL_EVERY: Final = 20


class BaseScanner:
    """Scan files with the values known from one session and this machine.

    Args:
        known: every value that is masked in the session; only asked.
        policy: who and where this machine is, the session's commits, the repository's words.
        engine: the second one.
        is_public: whether names and addresses of the base are known to everybody.
        passed: SHA-256 of contents in which rules, names and second engine of the same
            `scanner_key` found nothing; only what this session alone knows is looked for.
    """

    def __init__(
        self,
        known: SecretsTable,
        policy: RedactionPolicy,
        engine: SecondEngine,
        *,
        is_public: bool,
        passed: Container[bytes] = frozenset(),
    ) -> None:
        self._known = known
        self._identities = IdentityPatterns(policy.identities, policy.commits)
        self._commits = CommitIndex(policy.commits)
        self._engine = engine
        self._words = policy.words
        self._is_public = is_public
        self._passed = passed
        self._plain_lines: set[int] = set()
        self._plain_tokens: set[str] = set()
        self._taught: dict[str, None] = {}
        """Values found in one file, to be searched in the others; none that may be a plain word."""

    def look(
        self, files: Sequence[ReadFile], *, progress: Callable[[str], None] = lambda _: None
    ) -> tuple[ExcludedFile, ...]:
        """Return the files to withhold, by ascending path: the place of a finding, not its text.

        Args:
            files: all of them.
            progress: called now and then with the number of scanned files.

        Raises:
            RefusedError: the second engine gave up.
        """
        found: dict[str, ExcludedFile] = {}
        for number, file in enumerate(files):
            if number % _TELL_EVERY == 0:
                progress(f"{number} of {len(files)} files are checked")
            hit = self._look_at(file)
            if hit is not None:
                found[file.path] = hit
        for file, value in self._containing_new_values(files):
            if file.path not in found:
                place = file.content.decode("utf-8").find(value)
                found[file.path] = _excluded(file, "secret", "SECRET", place)
        return tuple(found[path] for path in sorted(found))

    def _containing_new_values(self, files: Sequence[ReadFile]) -> Iterator[tuple[ReadFile, str]]:
        """Yield the files that contain a value found in another file."""
        for value in self._taught:
            sought = value.encode("utf-8")
            yield from ((file, value) for file in files if sought in file.content)

    def unknown_word_line(self, file: ReadFile) -> int | None:
        """Return the line (from 1) of the first unknown token that looks random."""
        text = file.content.decode("utf-8")
        for token in tokens_in(checked_tokens_in(file.path, text).without(text, " ")):
            if token in self._plain_tokens:
                continue
            if unknown_characters(token, self._words) and is_opaque(token):
                return text.count("\n", 0, text.find(token)) + 1
            self._plain_tokens.add(token)
        return None

    def _look_at(self, file: ReadFile) -> ExcludedFile | None:
        text = file.content.decode("utf-8")
        own = by_others = None
        if hashlib.sha256(file.content).digest() not in self._passed or self._commits.find(text):
            own = self._recognised(file, text)
            by_others = self._by_others(file, text)  # called for its side effect too
        return own or self._in_name(file) or self._known_in(file, text) or by_others

    def _recognised(self, file: ReadFile, text: str) -> ExcludedFile | None:
        """Run the detectors on one file."""
        table = SecretsTable(self._identities)
        table.checked = checked_tokens_in(file.path, text)
        learner = TextLearner(_episode_of(text), table, plain_lines=self._plain_lines)
        learner.detect()
        first: ExcludedFile | None = None
        if not learner.masks.is_empty:
            learner.masks.label = table.label
            for run in learner.masks.runs(array("i", range(len(text)))):
                group = learner.masks.groups[run.start]
                if table.is_widened(group):
                    self._add_value(text[run.start : run.end])
                first = first or self._hit(file, table, group, run.start)
        return first

    def _in_name(self, file: ReadFile) -> ExcludedFile | None:
        table = SecretsTable(self._identities)
        groups = StringMasker(table).groups_in_path(file.path)
        hits = [hit for one in groups if (hit := self._hit(file, table, one, None)) is not None]
        return hits[0] if hits else None

    def _known_in(self, file: ReadFile, text: str) -> ExcludedFile | None:
        """Search one file and its name for values of the session."""
        places = [(one.group, one.start) for one in self._known.find(text)]
        places += [(one.group, -1) for one in self._known.find(file.path)]
        hits = (self._hit(file, self._known, group, start) for group, start in places)
        return next((hit for hit in hits if hit is not None), None)

    def _by_others(self, file: ReadFile, text: str) -> ExcludedFile | None:
        """Run the second engine on one file."""
        hits = self._engine.find(text)
        for hit in hits:
            self._add_value(hit.value)
        return _excluded(file, "secret", "SECRET", text.find(hits[0].value)) if hits else None

    def _add_value(self, value: str) -> None:
        if not is_wordlike(value):
            self._taught[value] = None

    def _hit(
        self, file: ReadFile, table: SecretsTable, group: int, place: int | None
    ) -> ExcludedFile | None:
        """Return a finding, unless values of this kind are public in a public base."""
        is_secret = table.is_widened(group)
        if self._is_public and not is_secret:
            return None
        kind = table.label(group).removeprefix("REDACTED_").rpartition("_")[0]
        return _excluded(file, "secret" if is_secret else "personal", kind, place)


def scanner_key(identities: Identities, engine: SecondEngine, *, is_public: bool) -> str:
    """Return a cache key of everything that decides what the detectors find in a file.

    Values and commits that only one session knows are not part of it.
    """
    said = repr((__version__, VERSION, engine.version, is_public, identities))
    return hashlib.sha256(said.encode("utf-8", "surrogateescape")).hexdigest()


def _excluded(file: ReadFile, why: Why, kind: str | None, place: int | None) -> ExcludedFile:
    """Return a withheld file; `place` is None or negative if the line is unknown."""
    line = None
    if place is not None and place >= 0:
        line = file.content.decode("utf-8").count("\n", 0, place) + 1
    return ExcludedFile(path=file.path, why=why, line=line, kind=kind, size_bytes=len(file.content))


def _episode_of(text: str) -> Episode:
    step = CreateStep(seq=0, t_ns=0, source="", path="text", blob=0)
    return Episode(
        header=EpisodeHeader(session="", workspace=""),
        files=("text",),
        steps=(step,),
        blobs=(text.encode("utf-8"),),
    )
