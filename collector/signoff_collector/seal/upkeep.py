"""Housekeeping done by every verb and by the sealer's sweep: seal, finish `forget`, purge."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from signoff_collector.capture.sessions.sessions import sweep
from signoff_collector.forgetting.forget_requests import pending_requests
from signoff_collector.forgetting.purging import purge
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock


def keep_up(home: Home, clock: Clock) -> None:
    """Purge, then start sealing what was left unsealed; never fails a verb.

    In this order, since the purge locks sessions for an instant, and a sweep would skip those.
    """
    if not home.exists:
        return
    with contextlib.suppress(SignoffError, OSError):
        purge(home, clock)
    with contextlib.suppress(SignoffError, OSError):
        sweep(home, clock)


def finish_and_purge(home: Home, clock: Clock) -> None:
    """Complete an interrupted `forget`, which must precede sealing, and purge."""
    if pending_requests(home):
        from signoff_collector.forgetting.forgetting import finish_forgetting

        with contextlib.suppress(SignoffError, OSError):
            finish_forgetting(home, clock, wait_s=0)
    with contextlib.suppress(SignoffError, OSError):
        purge(home, clock)
