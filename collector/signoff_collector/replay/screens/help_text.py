"""Help text for keys and marks; docs/replay.md has the same keys."""

from __future__ import annotations

from typing import Final

from signoff_collector.replay.drawing.palette import ACTORS
from signoff_collector.replay.drawing.timeline import MARKS
from signoff_schemas.keys import PLAYER, help_lines

KEYS: Final = "\n".join(help_lines(PLAYER))
MARKED: Final = "\n".join(f"{sign}  {words}" for sign, _, words in MARKS.values())
LETTERS: Final = "\n".join(f"{look.letter}  {look.words}" for look in ACTORS.values())
HELP: Final = (
    f"{KEYS}\n\non the timeline\n{MARKED}\n▁▄█  how much was edited, in the colour of who did most"
    f"\n\nin the margin: who changed the line\n{LETTERS}"
)
