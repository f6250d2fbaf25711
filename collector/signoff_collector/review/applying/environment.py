"""Reduce the recorded environment to what the shared files use (threat 20).

The list of installed packages, lock files and names of variables can identify a machine and its
owner. A plan can opt in to all of it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.runs.environment import NODE_TOOLS, TOOLS
from signoff_collector.redaction.randomness.novel import is_published_package
from signoff_collector.review.tasks.contents import files_of
from signoff_schemas.services import NAMED_BY, SERVICES
from signoff_schemas.steps import CommandStep, EnvironmentStep, TestsStep

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signoff_collector.episode.content import Episode
    from signoff_schemas.steps import AnyStep

_IMPORT: Final = re.compile(r"^[ \t]*(?:from|import)[ \t]+(\w+)", re.MULTILINE)
_WITHHELD: Final = "withheld"
_PUBLIC: Final = frozenset({*TOOLS, *NODE_TOOLS, "container"})


def trim_environments(episode: Episode) -> Episode:
    """Return the episode with only the environment that its own files need.

    A package is named if a file of the episode imports it, if tests ran in it, or if its name is a
    published one; a version without its local part, which is no published one. Of the others stays
    how many are installed. Tools are kept if they are published (a private plugin may name a
    company). Hashes of lock files become `withheld`; names of variables, the digest of the
    container and the version of the system are removed. A service that listened stays if the
    episode's texts, commands or packages name it or a client of it.
    """
    if not any(isinstance(step, EnvironmentStep | TestsStep) for step in episode.steps):
        return episode
    used = _used(episode)
    runs = [step for step in episode.steps if isinstance(step, TestsStep)]
    services = _services(episode, {name for run in runs for name in run.services or ()} & SERVICES)

    def trimmed(step: AnyStep) -> AnyStep:
        if isinstance(step, EnvironmentStep):
            return _trimmed(step, used)
        if isinstance(step, TestsStep) and step.services:
            kept = tuple(name for name in step.services if name in services)
            return step.model_copy(update={"services": kept})
        return step

    return replace(episode, steps=tuple(map(trimmed, episode.steps)))


def _services(episode: Episode, listened: set[str]) -> set[str]:
    """Return those services that a file, a command or an imported package speaks of."""
    if not listened:
        return set()
    words = [text for file in files_of(episode) for text in (file.first, file.last)]
    for step in episode.steps:
        if isinstance(step, CommandStep):
            words += [step.line or "", *step.argv]
        elif isinstance(step, EnvironmentStep):
            words += step.distributions
    said = "\n".join(words).lower()
    return {name for name in listened if any(word in said for word in NAMED_BY.get(name, (name,)))}


def _trimmed(step: EnvironmentStep, used: set[str]) -> EnvironmentStep:
    installed = _named(step.installed, used)
    unnamed = step.installed_unnamed
    if unnamed is not None:
        unnamed += len(step.installed) - len(installed)
    changed = {
        "os": step.os.partition(" ")[0] if step.os else step.os,
        "distributions": _named(step.distributions, used),
        "installed": installed,
        "installed_unnamed": unnamed,
        "tools": {n: version for n, version in step.tools.items() if _plain(n) in _PUBLIC},
        "lock_files": dict.fromkeys(step.lock_files, _WITHHELD),
        "variables": (),
        "container_digest": None,
    }
    return step.model_copy(update=changed)


def _named(packages: Mapping[str, str], used: set[str]) -> dict[str, str]:
    return {
        name: version.partition("+")[0]
        for name, version in packages.items()
        if _plain(name) in TOOLS or is_published_package(name) or _import_name(name) in used
    }


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
