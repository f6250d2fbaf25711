"""Seals one session and says what of its secrets is left, and what it cost."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Final

from signoff_collector.episode.content import Episode
from signoff_collector.episode.file.strict import strict_check
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.episode.moments.checking import check_replay
from signoff_collector.known_values.exact_values import NO_VALUES, of_values
from signoff_collector.redaction.interface import Identities, RedactionPolicy
from signoff_collector.redaction.randomness.novel import novel_tokens
from signoff_collector.redaction.redactor import Redactor
from signoff_collector.redaction.texts.texts import TextStates
from signoff_collector.seal.assemble import assemble
from signoff_collector.seal.gathering.gathered import Gathered
from signoff_schemas.errors import RefusedError

from .leak_search import Leak, find_leaks
from .session import Session

_PLACEHOLDER: Final = re.compile(r"REDACTED_[A-Z]+_\d+")
IDENTITIES: Final = Identities(
    home_paths=("/home/ada",),
    user_names=("ada",),
    host_names=("lovelace",),
    person_names=("Ada Lovelace",),
    email_addresses=("ada@example.org",),
    workspace_paths=("/home/ada/project",),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one session."""

    leaks: tuple[Leak, ...] = ()
    unasked: frozenset[str] = frozenset()
    """Windows that leak and are in no token that review asks about."""
    replay_errors: int = 0
    is_refused: bool = False
    """Whether sealing said that it could not mask everything."""
    edits: int = 0
    redact_s: float = 0.0
    """CPU of redaction alone."""
    chars: int = 0
    """Characters of all texts at the end, before masking."""
    needless: int = 0
    """How many of them were masked and belong to no secret."""


def assembled(session: Session) -> Episode:
    """Return the session's episode before anything is masked."""
    recorder = session.recorder
    gathered = Gathered(
        session="20260922T000000Z-0badcafe",
        root=recorder.root,
        boot_id="boot-1",
        seed=bytes(range(32)),
        captured_on="2026-09-22",
        identities=IDENTITIES,
    )
    records = [writer.records() for writer in recorder.writers()]
    return assemble(records, gathered, recorder.blobs.get)


def policy_of(session: Session) -> RedactionPolicy:
    """Return the policy: in the setting `known` each secret is an exact value."""
    known = NO_VALUES
    if session.setting == "known":
        known = of_values([secret.text for secret in session.secrets])
    return RedactionPolicy(exact_values=known, identities=IDENTITIES)


def try_session(session: Session) -> Outcome:
    """Seal a session in memory and look at the result."""
    original = assembled(session)
    began = time.process_time()
    try:
        redacted = Redactor(policy_of(session)).redact_episode(original)
    except RefusedError:
        return Outcome(is_refused=True, edits=session.recorder.edits)
    redact_s = time.process_time() - began
    data = write_episode(redacted)
    read = strict_check(data)
    report = check_replay(read)
    lost = check_replay(original).checkpoints - report.checkpoints
    random = [secret for secret in session.secrets if secret.family != "human"]
    parts = [part for secret in random for part in secret.random_parts]
    chars, needless = _needless(session, original, redacted)
    leaks = tuple(find_leaks(data, read, session.windows(), parts))
    seen = {window for leak in leaks for window in leak.windows}
    asked = "\n".join(token.value for token in novel_tokens(redacted)) if seen else ""
    return Outcome(
        leaks=leaks,
        unasked=frozenset(window for window in seen if window not in asked),
        replay_errors=len(report.mismatches) + max(0, lost),
        edits=session.recorder.edits,
        redact_s=redact_s,
        chars=chars,
        needless=needless,
    )


def _needless(session: Session, original: Episode, redacted: Episode) -> tuple[int, int]:
    """Return the characters at the end, and how many were masked without need."""
    before, after = _final_text(original), _final_text(redacted)
    kept = len(_PLACEHOLDER.sub("", after)) if "REDACTED_" in after else len(after)
    own = before
    for secret in sorted(session.secrets, key=lambda one: -len(one.text)):
        own = own.replace(secret.text, "")
    return len(before), max(0, len(own) - kept)


def _final_text(episode: Episode) -> str:
    states = TextStates(episode)
    for _ in states.walk():
        pass
    return "".join(text.chars for key, text in sorted(states.texts.items()) if key.buffer >= 0)
