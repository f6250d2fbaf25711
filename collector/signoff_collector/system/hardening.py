"""Keep a process's memory out of core dumps, tracebacks and other processes."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import traceback
from dataclasses import dataclass
from types import TracebackType
from typing import Final

if sys.platform != "win32":
    import resource

_PR_SET_DUMPABLE: Final = 4
_UMASK: Final = 0o077


@dataclass(frozen=True, slots=True, kw_only=True)
class BeforeHardening:
    """The settings before `harden`, to run a user's command with them."""

    umask: int
    core_soft_limit: int


_before: BeforeHardening | None = None


def harden() -> BeforeHardening:
    """Harden this process; a second call returns what the first one found.

    No core dumps (only the soft limit, so that children can have it back), no reading of the
    memory by other processes, new files for the owner only, no values in tracebacks.
    """
    global _before  # noqa: PLW0603 mirrors what the process has only one of
    if _before is None:
        _before = BeforeHardening(umask=os.umask(_UMASK), core_soft_limit=_forbid_core_files())
        _forbid_dumping()
        sys.excepthook = _report
        threading.excepthook = _report_thread
        sys.unraisablehook = _report_unraisable
    return _before


def before_hardening() -> BeforeHardening | None:
    """Return what `harden` found, or None where it has not run."""
    return _before


def undo(found: BeforeHardening) -> None:
    """Give a child of ours, before it becomes another program, what there was before."""
    os.umask(found.umask)
    if sys.platform != "win32":
        with contextlib.suppress(ValueError, OSError):
            _, hard = resource.getrlimit(resource.RLIMIT_CORE)
            resource.setrlimit(resource.RLIMIT_CORE, (found.core_soft_limit, hard))


def crash_lines(kind: type[BaseException], trace: TracebackType | None) -> list[str]:
    """Format a traceback without values: places and the kind of error, no message.

    Messages of unexpected errors (a KeyError, pydantic's) may quote recorded text (threat 22).
    """
    frames = traceback.StackSummary.extract(traceback.walk_tb(trace), lookup_lines=False)
    places = [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
    return ["signoff: unexpected error", *places, f"{kind.__module__}.{kind.__qualname__}"]


def _report(kind: type[BaseException], _value: BaseException, trace: TracebackType | None) -> None:
    sys.stderr.write("\n".join(crash_lines(kind, trace)) + "\n")


def _report_thread(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_type is not SystemExit:
        sys.stderr.write("\n".join(crash_lines(arguments.exc_type, arguments.exc_traceback)) + "\n")


def _report_unraisable(arguments: sys.UnraisableHookArgs) -> None:
    sys.stderr.write("\n".join(crash_lines(arguments.exc_type, arguments.exc_traceback)) + "\n")


def _forbid_core_files() -> int:
    """Return the soft limit before; Windows writes no core files unless it is set up to."""
    soft = 0
    if sys.platform != "win32":
        soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
    return soft


def _forbid_dumping() -> None:
    """Forbid ptrace and core dumps on Linux; other systems only have the limit above."""
    if sys.platform != "linux":
        return
    import ctypes

    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
