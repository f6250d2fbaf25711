"""A copy of this process that is killed in the middle of its work."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Final

KILLED: Final = 9
"""How a copy ends that ends itself as if it were killed."""
_STUCK_S: Final = 30


def ends_by_itself(work: Callable[[], object]) -> bool:
    """Run something in a copy of this process; False: it was killed before its end.

    A thread that another test left behind may hold a lock, of SQLite or of a library, just when the
    copy is made, and nobody there lets it go. Such a copy would keep the pipe of a worker of
    pytest open for ever, which then ends for nobody. It is killed where it stands: who calls this
    has to bear a kill anywhere.

    Raises:
        AssertionError: the copy ended with a fault.
    """
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(_STUCK_S)
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in {0, KILLED, -signal.SIGKILL, -signal.SIGALRM}, f"the copy ended with {code}"
    return code == 0
