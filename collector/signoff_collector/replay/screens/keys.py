"""Key bindings of the player; `help_text` describes them."""

from __future__ import annotations

from typing import Final

from textual.binding import Binding, BindingType

_ACTIONS: Final = {
    "q,ctrl+c,ctrl+q": "leave",
    "space": "play",
    "plus,equals_sign": "speed(1)",
    "minus": "speed(-1)",
    "i": "squeeze",
    "right": "step(1)",
    "left": "step(-1)",
    "shift+right,L": "step(10)",
    "shift+left,H": "step(-10)",
    "home": "edge(False)",
    "end": "edge(True)",
    "t": "stop('test run', True)",
    "T": "stop('test run', False)",
    "c": "stop('commit', True)",
    "C": "stop('commit', False)",
    "n": "stop('note or task', True)",
    "N": "stop('note or task', False)",
    "g": "stop('gap', True)",
    "G": "stop('gap', False)",
    "r": "stop('command', True)",
    "R": "stop('command', False)",
    "a": "stop('agent step', True)",
    "A": "stop('agent step', False)",
    "s": "chapter(True)",
    "S": "chapter(False)",
    "f": "file(True)",
    "F": "file(False)",
    "up,k": "scroll(-1)",
    "down,j": "scroll(1)",
    "pageup": "page(-1)",
    "pagedown": "page(1)",
    "slash": "search",
    "greater_than_sign,full_stop": "hit(1)",
    "less_than_sign,comma": "hit(-1)",
    "o": "output",
    "d": "problems",
    "l": "files",
    "m": "moment",
    "question_mark": "help",
}
BINDINGS: Final[list[BindingType]] = [
    Binding(key, action, show=False) for key, action in _ACTIONS.items()
]
