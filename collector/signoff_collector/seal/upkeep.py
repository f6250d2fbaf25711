"""What every verb and the sealer's sweep do besides their own work: seal, finish, purge."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from signoff_collector.capture.sessions.sessions import sweep
from signoff_collector.forgetting.forget_requests import pending_requests
from signoff_collector.forgetting.purging import purge
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from signoff_collector.system.clock import Clock
    from signoff_collector.system.home import Home


def keep_up(home: Home, clock: Clock) -> None:
    """Delete what is due, and start sealing what was left; never fails a verb.

    In this order: the purge holds sessions for an instant, and who held one sweeps afterwards.
    """
    if not home.exists:
        return
    with contextlib.suppress(SignoffError, OSError):
        purge(home, clock)
    with contextlib.suppress(SignoffError, OSError):
        sweep(home, clock)


def finish_and_purge(home: Home, clock: Clock) -> None:
    """Complete an interrupted `forget` before anything is sealed, and delete what is due."""
    if pending_requests(home):
        from signoff_collector.forgetting.forgetting import finish_forgetting

        with contextlib.suppress(SignoffError, OSError):
            finish_forgetting(home, clock, wait_s=0)
    with contextlib.suppress(SignoffError, OSError):
        purge(home, clock)
