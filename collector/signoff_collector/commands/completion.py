"""`signoff completion`: what a shell evaluates for Tab, and what that asks at every Tab."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from signoff_collector.completion.scripts import SHELLS, completion_script
from signoff_schemas.errors import SignoffError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signoff_collector.completion.answering import Offer
    from signoff_collector.screen.console import Console

SUMMARY: Final = "Print the completion of a shell; `shell-init` prints it too."
EXAMPLE: Final = 'eval "$(signoff completion bash)"      fish: signoff completion fish | source'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument(
        "--answer", type=int, metavar="N", help="what may stand at word N (for the printed script)"
    )
    parser.add_argument("words", nargs=argparse.REMAINDER, metavar="SHELL", help=", ".join(SHELLS))


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Print the script, or one offer per line: its kind, the word and its meaning."""
    words: list[str] = arguments.words[1:] if arguments.words[:1] == ["--"] else arguments.words
    if arguments.answer is not None:
        _answer(words, arguments.answer, console)
        return 0
    if len(words) != 1 or words[0] not in SHELLS:
        raise UsageError(f"name one shell: {', '.join(SHELLS)}", hint=f"Example: {EXAMPLE}")
    import sys

    from signoff_collector.installation.launcher import launcher_path

    script = completion_script(words[0], launcher_path())
    sys.stdout.buffer.write(script.encode("utf-8", "surrogateescape"))
    return 0


def _answer(words: Sequence[str], at: int, console: Console) -> None:
    from signoff_collector.completion.answering import answer
    from signoff_collector.completion.recordings import recordings
    from signoff_collector.completion.table import read_table
    from signoff_collector.own_files.home import resolve_home

    def ids(kind: str) -> Sequence[Offer]:
        try:
            return recordings(resolve_home(), kind)
        except SignoffError:  # no home here: there are no ids, and Tab says nothing
            return ()

    for word, meaning in answer(read_table(), words, max(0, at), ids):
        if word.startswith("\0"):
            console.say(word.removeprefix("\0"))
        else:
            console.say(f"word\t{word}\t{meaning}")
