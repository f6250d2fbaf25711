"""Start a detached process of Signoff, at low priority and without inherited descriptors."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from signoff_collector.programs.children import run_child
from signoff_collector.system.processes import detached


def launch_detached(
    arguments: Sequence[str], *, cwd: Path, extra_env: Mapping[str, str] | None = None
) -> None:
    """Start `python -I -m signoff_collector ARGUMENTS` in a session of its own, without waiting.

    Raises:
        ChildFailedError: the shell could not start it.
    """
    run_child(
        detached([sys.executable, "-I", "-m", "signoff_collector", *arguments], is_quiet=True),
        cwd=cwd,
        timeout_s=20,
        extra_env=extra_env,
    )
