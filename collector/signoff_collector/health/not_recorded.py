"""Find installed editors, shells and agents that are not set up, and known blind spots."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from signoff_schemas.errors import SignoffError
from signoff_schemas.shown_words import observed_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from signoff_collector.capture.tallies.step_counts import WriterSeen
    from signoff_collector.installation.interface import Found, Target
    from signoff_collector.installation.setting_up import Standing
    from signoff_collector.own_files.home import Home

_OF_PYTEST: Final = ("pytest.ini", "conftest.py", "pyproject.toml", "tox.ini", "setup.cfg", "tests")
"""Any of these lets us think of pytest."""
_CALL_THEMSELVES: Final[Mapping[str, tuple[str, ...]]] = {
    "vscode": (
        "visual studio code", "code - oss", "vscodium", "code-server", "cursor", "windsurf",
    ),
}  # fmt: skip
"""Targets of `setup` that go by other names in `clientInfo`, in lower case."""


def not_set_up(environ: Mapping[str, str], writers: Iterable[WriterSeen]) -> tuple[str, ...]:
    """Name installed editors, shells and agents that send nothing.

    An editor that writes into the session is recorded, whoever set it up.
    """
    from signoff_collector.installation.targets import AGENTS, EDITORS, SHELLS

    at_work = [writer.name.lower() for writer in writers if writer.is_at_work]
    editors = [one for one in EDITORS if not _is_among(one, at_work)]
    said = [
        f"anything in {one.title}: it is not set up (`signoff setup {one.name}`)"
        for one in editors
        if _is_idle_here(one, environ)
    ]
    said += [remark for one in editors if (remark := _missing_in(one, environ))]
    shells = " ".join(one.name for one in SHELLS if _is_idle_here(one, environ))
    if shells:
        said.append(
            f"commands typed in {shells.replace(' ', ', ')}: "
            f"not set up (`signoff setup {shells}`); `signoff run -- CMD` records one"
        )
    said += [
        f"what {one.title} is asked and does: not set up (`signoff setup {one.name}`)"
        for one in AGENTS
        if _is_idle_here(one, environ)
    ]
    return tuple(said)


def not_told(writers: Iterable[WriterSeen]) -> tuple[str, ...]:
    """Name what the running editors cannot report, in the words that a review has for it."""
    names = ("keys", "reasons", "view", "select", "focus", "diagnostics")
    what = ", ".join(observed_words(name) for name in names)
    bare = {one.name for one in writers if one.source == "lsp" and one.is_at_work}
    bare -= {one.name for one in writers if one.source == "lsp" and one.has_companion}
    return tuple(f"{what} in {name}: there is no Signoff extension for it" for name in sorted(bare))


def no_test_results(home: Home, root: Path) -> tuple[str, ...]:
    """Say that results of plain pytest are not recorded, where there are tests for it."""
    from signoff_collector.capture.test_results.pytest_results import is_agreed

    if is_agreed(home) or not any((root / name).exists() for name in _OF_PYTEST):
        return ()
    return (
        "which tests a plain pytest ran: `signoff setup pytest` adds it, `signoff run` records one",
    )


def _is_among(editor: Target, at_work: Iterable[str]) -> bool:
    """Say whether an editor writes, by what it calls itself with its version behind it."""
    names = (editor.name, *_CALL_THEMSELVES.get(editor.name, ()))
    return any(
        called == name or called.startswith(f"{name} ") for called in at_work for name in names
    )


def _missing_in(target: Target, environ: Mapping[str, str]) -> str | None:
    """Say what keeps an editor that was set up from telling anything; None where nothing does."""
    from signoff_collector.installation.setting_up import Standing

    found, standing = _state(target, environ)
    if found is None or found.is_used or standing is Standing.NONE:
        return None
    return f"anything in {target.title}: {found.remark}"


def _is_idle_here(target: Target, environ: Mapping[str, str]) -> bool:
    """Say whether a program is here and was not set up."""
    from signoff_collector.installation.setting_up import Standing

    found, standing = _state(target, environ)
    return found is not None and found.is_used and standing in {Standing.NONE, Standing.GONE}


def _state(target: Target, environ: Mapping[str, str]) -> tuple[Found | None, Standing | None]:
    """Return what `doctor` says of a target; one that cannot be read counts as not here."""
    from signoff_collector.health.targets import look_at

    with suppress(SignoffError, OSError):
        seen = look_at(target, environ)
        if seen is not None:
            return seen[0], seen[1].standing
    return None, None
