"""Help text for keys and marks; docs/replay.md has the same text."""

from __future__ import annotations

from typing import Final

from signoff_collector.replay.drawing.palette import ACTORS
from signoff_collector.replay.drawing.timeline import MARKS

KEYS: Final = """\
space            play, stop
+  -             faster, slower (0.5x to 64x; at first by its length: two minutes)
i                idle time: squeezed (waits over 2 s become 0.5 s), or in full
right left       one step on, back
L H              ten steps (also shift+right, shift+left)
home end         the start, the end
t T              next, previous test run
c C              next, previous git operation
r R              next, previous command
a A              next, previous agent step
n N              next, previous note or task
g G              next, previous gap
f F              next, previous change to another file
s S              next, previous chapter: task, red → green, git operation
l                list of files and chapters
m                go to a moment: N, step:S, time:+1h02m3s, start, end
/                search all text there ever was, outputs, messages
> <              next, previous place found (also . ,)
o                output of the last run, command, agent step: all of it
d                problems at this moment
up down          look around in the file (also page keys)
?                this page
q                quit"""

MARKED: Final = "\n".join(f"{sign}  {words}" for sign, _, words in MARKS.values())
LETTERS: Final = "\n".join(f"{look.letter}  {look.words}" for look in ACTORS.values())
HELP: Final = (
    f"{KEYS}\n\non the timeline\n{MARKED}\n▁▄█  how much was edited, in the colour of who did most"
    f"\n\nin the margin: who changed the line\n{LETTERS}"
)
