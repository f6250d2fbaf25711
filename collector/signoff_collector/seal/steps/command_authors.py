"""Says who ran a command, from what its record holds (docs/sealing.md, section 5).

No recorder sees the hand on the keyboard of a terminal, so a person's command is inferred, never
observed: the shell read the line at its prompt, or the run is a job of a shell in the foreground of
its terminal, and no agent's variable stood in the environment. An agent that types into a terminal
without such a variable is taken for a person; the evidence says on what the class rests.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from signoff_schemas.values import Actor
from signoff_schemas.words import ActorClass, Basis

STARTED_AS_JOB: Final = "is_shell_job"
"""Field of a run: a shell with job control started it, in the foreground of its terminal."""
TYPED_LINE: Final = "typed_line"
"""Field of what a shell's hook told, and of a run that such a line started."""
AT_PROMPT: Final = "a line at a shell's prompt"
SHELL_JOB: Final = "a job of a shell in its terminal"
AGENT_VARIABLE: Final = "an agent's variable"
EVIDENCE: Final = frozenset({AT_PROMPT, SHELL_JOB, AGENT_VARIABLE})
"""All that may be said, so that nothing of the session can be in it."""

_UNKNOWN: Final = Actor()


def take_author(fields: dict[str, object]) -> None:
    """Set the actor of a `command` or `tests` step; drop the fields it was known by.

    Args:
        fields: of the step, changed in place; what it claims of its actor itself is not believed.
    """
    is_job = fields.pop(STARTED_AS_JOB, False) is True
    is_line = fields.pop(TYPED_LINE, False) is True
    fields["actor"] = _author(fields, is_line=is_line, is_job=is_job)


def _author(fields: Mapping[str, object], *, is_line: bool, is_job: bool) -> Actor:
    if fields.get("agent_marker") is not None:
        return _actor(ActorClass.ASSISTANT, Basis.OBSERVED, AGENT_VARIABLE)
    found = [word for word, is_so in ((AT_PROMPT, is_line), (SHELL_JOB, is_job)) if is_so]
    return _actor(ActorClass.TYPED, Basis.INFERRED, *found) if found else _UNKNOWN


def _actor(cls: ActorClass, basis: Basis, *evidence: str) -> Actor:
    return Actor.model_validate({"class": cls, "basis": basis, "evidence": evidence})
