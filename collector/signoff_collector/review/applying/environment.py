"""Reduce the recorded environment to what the shared files use (threat 20).

The list of installed packages, lock files and names of variables can identify a machine and its
owner. A plan can opt in to all of it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.runs.environment import NODE_TOOLS, TOOLS
from signoff_collector.review.tasks.contents import files_of
from signoff_schemas.steps import EnvironmentStep, TestsStep

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode

_IMPORT: Final = re.compile(r"^[ \t]*(?:from|import)[ \t]+(\w+)", re.MULTILINE)
_WITHHELD: Final = "withheld"
_PUBLIC: Final = frozenset({*TOOLS, *NODE_TOOLS, "container"})


def trim_environments(episode: Episode) -> Episode:
    """Return the episode with only the environment that its own files need.

    Packages are kept if a file of the episode imports them or tests ran in them. Tools are kept if
    they are published (a private plugin may name a company). Hashes of lock files become
    `withheld`; names of variables, the digest of the container and the version of the system are
    removed.
    """
    if not any(isinstance(step, EnvironmentStep) for step in episode.steps):
        return episode
    used = _used(episode)
    steps = tuple(
        _trimmed(step, used) if isinstance(step, EnvironmentStep) else step
        for step in episode.steps
    )
    return replace(episode, steps=steps)


def _trimmed(step: EnvironmentStep, used: set[str]) -> EnvironmentStep:
    kept = {
        name: version for name, version in step.distributions.items() if _import_name(name) in used
    }
    changed = {
        "os": step.os.partition(" ")[0] if step.os else step.os,
        "distributions": kept,
        "tools": {n: version for n, version in step.tools.items() if _plain(n) in _PUBLIC},
        "lock_files": dict.fromkeys(step.lock_files, _WITHHELD),
        "variables": (),
        "container_digest": None,
    }
    return step.model_copy(update=changed)


def _used(episode: Episode) -> set[str]:
    """Return the modules that the episode's files import, and the test frameworks it used."""
    used = {step.framework.lower() for step in episode.steps if isinstance(step, TestsStep)}
    for file in files_of(episode):
        for text in (file.first, file.last):
            used |= {name.lower() for name in _IMPORT.findall(text)}
    return used


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower() if not name.startswith("@") else name


def _import_name(distribution: str) -> str:
    return distribution.lower().replace("-", "_")
