"""The only module that prints: short lines, or JSON, both without terminal control characters."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from select import select
from typing import Final, TextIO, TypeVar

from signoff_collector.screen.progress_line import ProgressLine, shows_progress
from signoff_collector.screen.styles import painted, shows_colours

T = TypeVar("T")
_KEPT_CONTROLS: Final = frozenset("\n\t")
_WARNING: Final = "! "
_HIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def visible(text: str, *, keep_newlines: bool = True) -> str:
    """Return `text` with every control, format and private character spelled out.

    Escape sequences, carriage returns, zero-width, tag and bidirectional
    characters would let recorded text lie about itself (threat 31).
    """
    if text.isascii() and text.isprintable():
        return text
    kept = _KEPT_CONTROLS if keep_newlines else frozenset("\t")
    return "".join(
        char
        if char in kept or unicodedata.category(char) not in _HIDDEN_CATEGORIES
        else _spelled(char)
        for char in text
    )


def _spelled(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    return f"<U+{code:04X}>"


class Console:
    """Standard output, standard error and questions of one command.

    Text goes to stdout; with `--json` only rows do and text goes to stderr.
    """

    def __init__(
        self, *, is_json: bool, out: TextIO | None = None, err: TextIO | None = None
    ) -> None:
        self.is_json = is_json
        self._out = out if out is not None else sys.stdout
        self._err = err if err is not None else sys.stderr
        self._progress: ProgressLine | None = None

    @property
    def is_terminal(self) -> bool:
        """Whether a person can be asked: input and output are terminals."""
        return sys.stdin is not None and sys.stdin.isatty() and self._out.isatty()

    @property
    def may_offer(self) -> bool:
        """Whether to ask what nobody has to answer: not where lines wait that were pasted before.

        They were written for the shell, which gets them next.
        """
        return self.is_terminal and not self.is_json and not select([sys.stdin], [], [], 0)[0]

    @property
    def is_on_screen(self) -> bool:
        """Whether output goes to a terminal, not to a pipe or a file."""
        return self._said_to.isatty()

    def say(self, text: str = "", *, style: str = "") -> None:
        """Print one line meant for the person; to stderr with `--json`.

        A line break in it is spelled out: it came with a name, and could forge a line of ours.
        `style` is words such as `bold red`; it shows on a terminal only, and not with NO_COLOR.
        A line that begins with `! ` is a warning, and its mark is yellow.
        """
        if not style and text.startswith(_WARNING):
            self.say_parts((_WARNING, "bold yellow"), (text.removeprefix(_WARNING), ""))
        else:
            self.say_parts((text, style))

    def say_parts(self, *parts: tuple[str, str]) -> None:
        """Print one line made of several styled texts, as `say` does."""
        shown = [(visible(text, keep_newlines=False), style) for text, style in parts]
        is_coloured = any(style for _, style in shown) and shows_colours(self._said_to)
        with self._beside_progress():
            line = "".join(painted(*one) if is_coloured else one[0] for one in shown)
            print(line, file=self._said_to)

    def say_row(self, *parts: tuple[str, str], hang: int = 5) -> None:
        """Print one row of a list, as `say_parts` does; wrapped between words on a terminal.

        `hang` is the indentation of its further lines.
        """
        from signoff_collector.screen.line_wrapping import wrapped

        columns = self._columns()
        shown = [(visible(text, keep_newlines=False), style) for text, style in parts]
        for line in [shown] if columns is None else wrapped(shown, columns, hang=hang):
            self.say_parts(*line)

    def _columns(self) -> int | None:
        """Return the width of the terminal; None without one, or if it is unknown."""
        if not self.is_on_screen:
            return None
        try:
            return os.get_terminal_size(self._said_to.fileno()).columns or None
        except OSError:
            return None

    def say_lines(self, text: str) -> None:
        """Print several lines without untrusted names: our own words, or linearised text."""
        with self._beside_progress():
            print(visible(text), file=self._said_to)

    def flush(self) -> None:
        """Flush the output, for a reader such as `head` that may want no more."""
        self._said_to.flush()

    def note(self, text: str) -> None:
        """Print a side remark to stderr: one line, as `say` does."""
        with self._beside_progress():
            print(visible(text, keep_newlines=False), file=self._err)

    @contextmanager
    def counting(self, title: str) -> Generator[Callable[[int, int], None]]:
        """Show progress on a terminal once something takes two seconds; erased at the end.

        Where it is told how much of how many is done, also how long the rest will take.

        Args:
            title: what is done. Yields a function to be called with how much of how many is done;
                0 of 0 where that is unknown. Inside another one the outer stays.
        """
        if self.is_json or self._progress is not None or not shows_progress(self._err):
            yield lambda _done, _all: None
            return
        self._progress = ProgressLine(self._err, title)
        try:
            yield self._progress.tell
        finally:
            self._progress.end()
            self._progress = None

    def each(self, title: str, items: Sequence[T]) -> Iterator[T]:
        """Yield items one after the other, each of which may take long, as `counting` tells it."""
        with self.counting(title) as tell:
            for number, item in enumerate(items):
                tell(number, len(items))
                yield item

    @contextmanager
    def _beside_progress(self) -> Generator[None]:
        """Erase the progress line while another line is printed."""
        if self._progress is None:
            yield
            return
        with self._progress.erased():
            yield
            self._said_to.flush()

    @property
    def _said_to(self) -> TextIO:
        return self._err if self.is_json else self._out

    def row(self, row: Mapping[str, object]) -> None:
        """Print one JSON object in ASCII on a line of stdout."""
        print(json.dumps(row, ensure_ascii=True), file=self._out)

    def ask(self, question: str, *, default: str = "") -> str:
        """Ask a question; `default` when nobody can be asked."""
        if not self.is_terminal:
            return default
        print(visible(question, keep_newlines=False), end=" ", file=self._out, flush=True)
        answer = sys.stdin.readline()
        return answer.strip() or default

    def confirm(self, question: str, *, default: bool = False) -> bool:
        """Ask a yes-or-no question; `default` when nobody can be asked."""
        answer = self.ask(f"{question} [{'Y/n' if default else 'y/N'}]").lower()
        return default if not answer else answer in {"y", "yes"}
