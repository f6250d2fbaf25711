"""How long to wait after a store could not be reached: longer each time, never in step.

Exponential with jitter, so that many senders that lost the same store do not come back
at the same moment.
"""

from __future__ import annotations

import random
from typing import Final

FIRST_S: Final = 2.0
LONGEST_S: Final = 300.0


def delay_ns(failures: int, chance: random.Random | None = None) -> int:
    """Return how long to wait after so many failures before: between half and all of a span.

    The span is 2 s after the first failure and doubles up to 5 minutes.
    """
    span_s = min(LONGEST_S, FIRST_S * 2 ** min(failures, 16))
    drawn = (chance or random.SystemRandom()).uniform(0.5, 1.0)
    return int(span_s * drawn * 1_000_000_000)
