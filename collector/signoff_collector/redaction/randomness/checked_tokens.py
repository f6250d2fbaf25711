"""Find the random-looking tokens of an episode that are shown to be no secret.

Digests, commits and embedded data look like secrets. A token counts as one of these only if it
can be checked: it is the digest of something in the episode, a commit of the repository, a digest
on a line of a lock file, the id of the episode's own session, or public data once its lines are
joined. All other random tokens are masked, or asked for in review.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from signoff_collector.redaction.randomness.public_data import public_rows
from signoff_schemas.steps import (
    AnyStep,
    CommandStep,
    CreateStep,
    OpenStep,
    ResyncStep,
    seen_on_disk,
)

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode

_RUN: Final = re.compile(r"[A-Za-z0-9+/=_-]{20,}")
_HEX_IN_RUN: Final = re.compile(r"(?<![0-9A-Za-z])(?:[0-9a-f]{20,}|[0-9A-F]{20,})(?![0-9A-Za-z])")
_VALUE: Final = re.compile(r"(?<==)[^=]{20,}")
"""What stands behind `--option=` in a run."""
_TAG: Final = re.compile(r"^(?:sha(?:1|256|384|512)|md5)-")
_LOCK_FILES: Final = re.compile(
    r"(?i)(?:^|/)(?:[\w.-]*[.-]lock(?:file)?(?:\.(?:json|hcl|ya?ml|toml))?|npm-shrinkwrap\.json"
    r"|go(?:\.work)?\.(?:sum|mod)|[\w.-]*requirements[\w.-]*\.(?:txt|in)|requirements/[\w.-]+\.txt"
    r"|constraints[\w.-]*\.txt|pylock[\w.-]*\.toml|conda-lock\.yml|packages\.lock\.json"
    r"|package\.resolved|verification-metadata\.xml|gradle\.lockfile|module\.bazel\.lock)$"
)
"""Files in which package managers write down what they installed, with its digests."""
_LOCK_LINE: Final = re.compile(
    r"(?i)(?:\b(?:sha-?(?:1|224|256|384|512)|md5|blake[23]b?|h1|zh)[:=-]"
    r"|\b(?:integrity|checksums?|shasum|(?:content-?|nar)?hash|reference|rev(?:ision)?|commit"
    r"|sha\d{1,3}|resolved)[\"']?[ \t]{0,4}[:=]?[ \t]{0,4}[\"']?(?:[\w.:/+@-]{1,200}#|\d{1,3}c\d/)?"
    r"|^[ \t]*\"https?://[^\"]{1,300}\":[ \t]*\"|^  [\w./+-]{1,80}:[ \t]"
    r"|\{:hex,[^{}\"]{1,80}\"[\w.+-]{1,40}\",[ \t]*\"|\},[ \t]*\"hexpm\",[ \t]*\")"
    r"(?P<digest>[0-9a-f]{128}|[0-9a-f]{96}|[0-9a-f]{64}|[0-9a-f]{56}|[0-9a-f]{40}|[0-9a-f]{32}"
    r"|(?:[A-Za-z0-9+/]{86}==|[A-Za-z0-9+/]{64}|[A-Za-z0-9+/]{43}=|[A-Za-z0-9+/]{27}=))"
    r"(?![A-Za-z0-9+/=])"
)
"""A digest as lock files write it: behind its algorithm or its field, of the right length."""
_DIFF_FILE: Final = re.compile(r"(?:\+\+\+|---) (?:[ab]/)?(?P<path>[^\t\r]+)")
_DIFF_START: Final = ("diff --git ", "@@@", "commit ")
_MARKER: Final = re.compile(r"^[-+ ]")
_ALGORITHMS: Final = ("md5", "sha1", "sha256", "sha384", "sha512")
_SHORTEST_DIGEST: Final = 27
_LARGEST: Final = 8 << 20
"""Larger contents have no digest computed; what the steps say of them counts all the same."""


class CheckedTokens:
    """Tokens that were shown to be no secret, as runs of letters, digits and `+/=_-`."""

    def __init__(self, tokens: Iterable[str] = ()) -> None:
        self._tokens = frozenset(tokens)

    def __contains__(self, token: str) -> bool:
        return token in self._tokens or _TAG.sub("", token) in self._tokens

    def without(self, text: str, blank: str) -> str:
        """Return the text with each checked token replaced, by as many characters."""
        if not self._tokens:
            return text
        return _RUN.sub(lambda match: self._blanked(match[0], blank), text)

    def _blanked(self, run: str, blank: str) -> str:
        if run in self:
            return blank * len(run)
        for part in (_HEX_IN_RUN, _VALUE):
            run = part.sub(
                lambda match: blank * len(match[0]) if match[0] in self._tokens else match[0], run
            )
        return run


NOTHING_CHECKED: Final = CheckedTokens()


def checked_tokens_of(episode: Episode, commits: Iterable[str] = ()) -> CheckedTokens:
    """Return the checked tokens of an episode.

    Args:
        episode: masked or not.
        commits: full ids of commits that exist.
    """
    return CheckedTokens(_tokens_of(episode, commits))


def checked_tokens_in(path: str, text: str) -> CheckedTokens:
    """Return the checked tokens of one file by itself."""
    return CheckedTokens(_in_text(path, text))


def _tokens_of(episode: Episode, commits: Iterable[str]) -> Iterator[str]:
    # Imported here: these modules need the detectors, which need this one.
    from signoff_collector.redaction.strings.structure import hashes_of, own_session

    yield from commits
    yield from hashes_of(episode)
    yield own_session(episode)  # stands in the header, and where Signoff itself was called
    for content in episode.blobs:
        if len(content) <= _LARGEST:
            yield from _digests_of(content)
    for path, blob in {place for step in episode.steps for place in _contents(step)}:
        if blob < len(episode.blobs) and len(episode.blobs[blob]) <= _LARGEST:
            yield from _in_text(path, episode.blobs[blob].decode("utf-8", "replace"))
    locks = {number for number, path in enumerate(episode.files) if _LOCK_FILES.search(path)}
    for file, text in zip(episode.edits.file.tolist(), episode.edits.texts(), strict=True):
        if len(text) >= _SHORTEST_DIGEST:
            yield from _in_text(episode.files[file] if file in locks else "", text)
    for step in episode.steps:
        if isinstance(step, CommandStep) and step.output is not None:
            for text in (step.output.head, step.output.tail):
                yield from _in_output(text)


def _contents(step: AnyStep) -> Iterator[tuple[str, int]]:
    """Yield the blobs that a step holds, with their paths."""
    if isinstance(step, (OpenStep, CreateStep, ResyncStep)) and step.blob is not None:
        yield step.path or "", step.blob
    yield from ((item.path, item.blob) for item in seen_on_disk(step) if item.blob is not None)


def _digests_of(content: bytes) -> Iterator[str]:
    """Yield the digests of a content, in hexadecimal and base64, and its id as a blob of git."""
    digests = [hashlib.new(name, content, usedforsecurity=False) for name in _ALGORITHMS]
    git = b"blob %d\0" % len(content) + content
    digests += [hashlib.new(name, git, usedforsecurity=False) for name in ("sha1", "sha256")]
    for digest in digests:
        yield digest.hexdigest()
        encoded = base64.b64encode(digest.digest()).decode("ascii")
        yield from {encoded, encoded.rstrip("=")}


def _in_text(path: str, text: str) -> Iterator[str]:
    if not _RUN.search(text):
        return
    yield from public_rows(text)
    if _LOCK_FILES.search(path):
        yield from _lock_digests(text)


def _lock_digests(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        yield from (match["digest"] for match in _LOCK_LINE.finditer(line))


def _in_output(text: str) -> Iterator[str]:
    """Yield the checked tokens of an output, where a diff names the lock file of its lines."""
    yield from public_rows(text)
    is_lock = False
    for line in text.split("\n"):
        named = _DIFF_FILE.match(line)
        if named is not None:
            is_lock = _LOCK_FILES.search(named["path"]) is not None
        elif line.startswith(_DIFF_START):
            is_lock = False
        elif is_lock:
            yield from _lock_digests(_MARKER.sub("", line))
