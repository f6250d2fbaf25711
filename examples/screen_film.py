"""Screens of a real terminal, filmed through tmux and drawn as one moving SVG.

The SVG is a strip of screens that moves one screen up at a time, by CSS alone, so that it plays
where a page shows it as an image: no script, no font, nothing from elsewhere. With reduced motion
it stands still at its last screen.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from xml.sax.saxutils import escape

_ESCAPE = re.compile(
    r"\x1b\[(?P<codes>[0-9;:]*)m|\x1b\][^\x1b\x07]*(?:\x1b\\|\x07)|\x1b\(.|[\x0e\x0f]"
)
_PALETTE = (
    "#16181d", "#e5636b", "#8fc26b", "#dfb45f", "#6cb0f0", "#c58ae0", "#57bcc4", "#d3d7de",
    "#7c8594", "#f08a90", "#a9d98a", "#efcd86", "#92c6f7", "#d9abec", "#86d5db", "#ffffff",
)  # fmt: skip
_GROUND, _INK = "#16181d", "#d3d7de"
_CELL_X, _CELL_Y, _EDGE, _BAR = 8.4, 18, 14, 30
_LIMIT_S = 120.0
_BETWEEN_S = 0.03
"""Between two looks at the terminal."""
_KEY_S, _WAIT_S, _LAST_S = 0.017, 0.1, 2.5
"""How long the film shows a screen between two keys, while a program works, at the end."""


class FilmError(Exception):
    """The terminal never showed what was waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """What the terminal showed from one time on.

    Attributes:
        at_s: seconds since the film began.
        rows: its lines, with the colours as escape sequences.
        cursor: column and row, or None where it is hidden.
    """

    at_s: float
    rows: tuple[str, ...]
    cursor: tuple[int, int] | None


class Filmed:
    """A shell in a terminal of its own, filmed while it is typed into."""

    def __init__(
        self, tmux: str, folder: Path, argv: Sequence[str], *, cwd: Path,
        variables: Mapping[str, str], size: tuple[int, int],
    ) -> None:  # fmt: skip
        self._tmux = [tmux, "-S", str(folder / "film.socket"), "-u", "-f", "/dev/null"]
        self._size = size
        words = " ".join(f"{name}={shlex.quote(value)}" for name, value in variables.items())
        columns, rows = size
        self._call(
            "new-session", "-d", "-x", str(columns), "-y", str(rows), "-c", str(cwd),
            f"exec env -i TERM=screen-256color {words} {shlex.join(argv)}",
            ";", "set-option", "-g", "status", "off", ";", "set-option", "-g", "escape-time", "0",
        )  # fmt: skip
        self.screens: list[Screen] = []
        self._rests: list[tuple[float, float]] = []
        self._began = time.monotonic()
        self._looks = 0
        self._is_over = threading.Event()
        self._camera = threading.Thread(target=self._film, daemon=True)
        self._camera.start()

    def _call(self, *words: str) -> str:
        done = subprocess.run([*self._tmux, *words], capture_output=True, check=True, timeout=30)
        return done.stdout.decode("utf-8")

    def _film(self) -> None:
        while not self._is_over.wait(_BETWEEN_S):
            shown = self._call(
                "display-message", "-p", "#{cursor_flag} #{cursor_x} #{cursor_y}",
                ";", "capture-pane", "-e", "-p", "-N",
            ).split("\n")  # fmt: skip
            is_shown, column, row = map(int, shown[0].split())
            rows = (*shown[1:], *[""] * self._size[1])[: self._size[1]]
            cursor = (column, row) if is_shown else None
            last = self.screens[-1] if self.screens else None
            if last is None or (last.rows, last.cursor) != (rows, cursor):
                at_s = time.monotonic() - self._began
                self.screens.append(Screen(at_s=at_s, rows=rows, cursor=cursor))
            self._looks += 1

    def type(self, text: str, *, pause_s: float = 0.03) -> None:
        """Press the keys of a text one after the other, as quick hands do."""
        for char in text:
            self._call("send-keys", "-l", "--", char)
            time.sleep(pause_s)

    def press(self, *keys: str) -> None:
        """Press keys by their names in tmux."""
        self._call("send-keys", *keys)

    def wait(self, is_so: Callable[[str], bool], what: str) -> None:
        """Wait until what the terminal shows, without colours, is as wanted.

        Raises:
            FilmError: it never was.
        """
        end = time.monotonic() + _LIMIT_S
        while not is_so(shown := self.shown()):
            if time.monotonic() > end:
                raise FilmError(f"waited in vain for {what}; the terminal shows:\n{shown}")
            time.sleep(_BETWEEN_S)

    def see(self) -> None:
        """Wait until what the terminal shows now is on film; a busy machine films slowly.

        Raises:
            FilmError: nothing is filmed any more.
        """
        wanted, end = self._looks + 2, time.monotonic() + _LIMIT_S  # one may have begun before
        while self._looks < wanted:
            if not self._camera.is_alive() or time.monotonic() > end:
                raise FilmError(f"nothing is filmed; the terminal shows:\n{self.shown()}")
            time.sleep(_BETWEEN_S)

    def shown(self) -> str:
        """Return what the terminal shows now, without colours."""
        return self._call("capture-pane", "-p")

    def rest(self, pause_s: float) -> None:
        """Leave time to read: what is shown then is shown for as long in the film."""
        self.see()
        self._rests.append((time.monotonic() - self._began, pause_s))
        time.sleep(pause_s)

    def end(self) -> list[tuple[float, Screen]]:
        """Close the terminal; return the screens and how many seconds the film shows each."""
        self._is_over.set()
        self._camera.join(_LIMIT_S)
        self._call("kill-server")
        ends = [later.at_s for later in self.screens[1:]]
        kept = zip(self.screens, ends, strict=False)
        paced = [(self._shown_s(screen.at_s, end_s), screen) for screen, end_s in kept]
        return [*paced, (_LAST_S, self.screens[-1])]

    def _shown_s(self, start_s: float, end_s: float) -> float:
        rest_s = sum(pause_s for at_s, pause_s in self._rests if start_s <= at_s < end_s)
        if rest_s:
            return rest_s
        return _WAIT_S if end_s - start_s > 2 * _WAIT_S else min(end_s - start_s, _KEY_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How characters look: colours as SVG names them, no ground where the terminal's own shows."""

    ink: str = _INK
    ground: str = ""
    is_bold: bool = False
    is_swapped: bool = False

    def after(self, codes: str) -> Look:
        """Return the look behind one escape sequence (ECMA-48, Select Graphic Rendition)."""
        look, values = self, iter([int(code or 0) for code in re.split("[;:]", codes)])
        for code in values:
            look = look._after_one(code, values)
        return look

    def _after_one(self, code: int, values: Iterator[int]) -> Look:
        plain = Look()
        changes: dict[int, Look] = {
            0: plain,
            1: replace(self, is_bold=True),
            2: replace(self, ink=_PALETTE[8]),
            7: replace(self, is_swapped=True),
            22: replace(self, is_bold=False),
            27: replace(self, is_swapped=False),
            39: replace(self, ink=plain.ink),
            49: replace(self, ground=plain.ground),
        }
        if code in {38, 48}:
            colour = _colour(values)
            return replace(self, ink=colour) if code == 38 else replace(self, ground=colour)
        tens, units = divmod(code, 10)
        if units < 8 and tens in {3, 9}:
            return replace(self, ink=_PALETTE[units + 8 * (tens == 9)])
        if units < 8 and tens in {4, 10}:
            return replace(self, ground=_PALETTE[units + 8 * (tens == 10)])
        return changes.get(code, self)

    def colours(self) -> tuple[str, str]:
        """Return the colours of the characters and behind them."""
        return (self.ground or _GROUND, self.ink) if self.is_swapped else (self.ink, self.ground)


Piece = tuple[int, str, Look]


def styled(row: str, look: Look) -> tuple[tuple[Piece, ...], Look]:
    """Split a row into pieces of one look (column, text, look); return the look behind it too.

    tmux writes only what changes, so a row begins in the look in which the one above ended.
    """
    pieces: list[Piece] = []
    column, start = 0, 0
    for found in (*_ESCAPE.finditer(row), None):
        text = row[start : found.start() if found else len(row)]
        if text.strip() or (text and look.colours()[1]):
            pieces.append((column, text, look))
        column += len(text)
        if found is not None:
            start = found.end()
            look = look.after(found["codes"]) if found["codes"] is not None else look
    return tuple(pieces), look


def _colour(values: Iterator[int]) -> str:
    """Return the colour that the codes behind 38 or 48 name (xterm's 256 colours, or RGB)."""
    if next(values, 5) == 2:
        return "#" + "".join(f"{next(values, 0):02x}" for _ in range(3))
    index = next(values, 0)
    if index < 16:
        return _PALETTE[index]
    if index < 232:
        levels = [(index - 16) // step % 6 for step in (36, 6, 1)]
        return "#" + "".join(f"{55 + 40 * level if level else 0:02x}" for level in levels)
    return "#" + f"{8 + 10 * (index - 232):02x}" * 3


def drawn(shown: Sequence[tuple[float, Screen]], *, title: str, size: tuple[int, int]) -> str:
    """Return the SVG that plays some screens for ever."""
    columns, rows = size
    width, height = columns * _CELL_X + 2 * _EDGE, rows * _CELL_Y + _BAR + _EDGE
    total_s = sum(pause_s for pause_s, _ in shown)
    names: dict[tuple[Piece, ...], int] = {}
    strip: list[str] = []
    stops: list[str] = []
    past_s = 0.0
    for number, (pause_s, screen) in enumerate(shown):
        stops.append(
            f"{100 * past_s / total_s:.3f}%{{transform:translateY(-{number * height:g}px)}}"
        )
        past_s += pause_s
        strip.append(f'<g transform="translate(0 {number * height:g})">')
        look = Look()
        for line, row in enumerate(screen.rows):
            pieces, look = styled(row, look)
            if pieces:
                name = names.setdefault(pieces, len(names))
                strip.append(f'<use href="#r{name}" y="{line * _CELL_Y}"/>')
        if screen.cursor:
            column, line = screen.cursor
            strip.append(
                f'<rect class="c" x="{column * _CELL_X:.1f}" y="{line * _CELL_Y}" '
                f'width="{_CELL_X}" height="{_CELL_Y}"/>'
            )
        strip.append("</g>")
    looks: dict[Look, int] = {}
    rows_drawn = [f'<g id="r{name}">{_row(row, looks)}</g>' for row, name in names.items()]
    classes = [_class(look, number) for look, number in looks.items()]
    end = f"translateY(-{(len(shown) - 1) * height:g}px)"
    style = (
        "text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;"
        f"white-space:pre}}.c{{fill:{_INK};opacity:.45}}{''.join(classes)}"
        f"@keyframes play{{{''.join(stops)}}}"
        f"#strip{{animation:play {total_s:.2f}s step-end infinite}}"
        f"@media (prefers-reduced-motion:reduce){{#strip{{animation:none;transform:{end}}}}}"
    )
    dots = "".join(
        f'<circle cx="{18 + 18 * place}" cy="15" r="5.5" fill="{colour}"/>'
        for place, colour in enumerate(("#e5636b", "#dfb45f", "#8fc26b"))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="img"><title>{escape(title)}</title>'
        f"<style>{style}</style><defs>{''.join(rows_drawn)}</defs>"
        f'<rect width="100%" height="100%" rx="8" fill="{_GROUND}"/>{dots}'
        f'<svg x="{_EDGE}" y="{_BAR}" width="{columns * _CELL_X:g}" height="{rows * _CELL_Y}">'
        f'<g id="strip">{"".join(strip)}</g></svg></svg>\n'
    )


def _row(row: Sequence[Piece], looks: dict[Look, int]) -> str:
    parts: list[str] = []
    for column, text, look in row:
        x, width = column * _CELL_X, len(text) * _CELL_X
        number = looks.setdefault(look, len(looks))
        if look.colours()[1]:
            parts.append(
                f'<rect class="g{number}" x="{x:.1f}" width="{width:.1f}" height="{_CELL_Y}"/>'
            )
        stripped = text.rstrip()
        if stripped:
            parts.append(
                f'<text class="t{number}" x="{x:.1f}" y="13.5" lengthAdjust="spacingAndGlyphs" '
                f'textLength="{len(stripped) * _CELL_X:.1f}">{escape(stripped)}</text>'
            )
    return "".join(parts)


def _class(look: Look, number: int) -> str:
    ink, ground = look.colours()
    return (
        f".t{number}{{fill:{ink}{';font-weight:bold' if look.is_bold else ''}}}"
        f"{f'.g{number}{{fill:{ground}}}' if ground else ''}"
    )
