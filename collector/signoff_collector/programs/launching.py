"""Start a detached process of Signoff, at low priority and without inherited descriptors."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from signoff_collector.programs.children import run_child

_SHELL: Final = Path("/bin/sh")
_DETACH: Final = 'nice -n 10 "$@" </dev/null >/dev/null 2>&1 &'
"""The shell exits at once, so that nobody has to wait for the child: init adopts it."""


def launch_detached(
    arguments: Sequence[str], *, cwd: Path, extra_env: Mapping[str, str] | None = None
) -> None:
    """Start `python -I -m signoff_collector ARGUMENTS` in a session of its own, without waiting.

    Raises:
        ChildFailedError: the shell could not start it.
    """
    run_child(
        [_SHELL, "-c", _DETACH, "sh", sys.executable, "-I", "-m", "signoff_collector", *arguments],
        cwd=cwd,
        timeout_s=20,
        extra_env=extra_env,
    )
