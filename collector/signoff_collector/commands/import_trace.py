"""`signoff import`: an episode from a trace made by another tool."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_schemas.errors import NotFoundError, RefusedError, UsageError

if TYPE_CHECKING:
    import argparse

    from signoff_collector.episode.content import Episode
    from signoff_collector.system.console import Console

SUMMARY: Final = "Make an episode from a trace in another format."
EXAMPLE: Final = "signoff import automerge-paper.json.gz --format editing-trace -o paper.episode"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument(
        "file", metavar="FILE", help="the trace file, plain or compressed with gzip"
    )
    parser.add_argument(
        "--format", required=True, choices=["editing-trace"], help="the format of the trace"
    )
    parser.add_argument("--times", metavar="FILE", help="one Unix time in seconds per edit")
    parser.add_argument("--no-times", action="store_true", help="leave times out")
    parser.add_argument(
        "--no-redact", action="store_true", help="mask nothing: for traces that are public anyway"
    )
    parser.add_argument("-o", "--output", metavar="X", required=True, help="the episode to write")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Read the trace, replay it once, mask it, write the episode."""
    import hashlib

    from signoff_collector.episode.file.reader import read_bytes
    from signoff_collector.episode.file.writer import write_episode
    from signoff_collector.imports.editing_trace import make_episode, parse_times, parse_trace

    if arguments.times and arguments.no_times:
        raise UsageError("--times and --no-times exclude each other")
    output = Path(arguments.output)
    if output.exists():
        raise RefusedError(f"{output} exists already", hint="Name a file that does not exist.")
    source = Path(arguments.file)
    if not source.exists():
        raise NotFoundError(f"there is no file {source}", hint="Name a trace: a JSON file.")
    trace = parse_trace(read_bytes(source))
    wall_ns = parse_times(read_bytes(Path(arguments.times))) if arguments.times else trace.wall_ns
    name = f"{source.name.split('.')[0] or 'trace'}.txt"
    episode = make_episode(trace, name=name, wall_ns=() if arguments.no_times else wall_ns)
    with console.counting("Masking"):
        if not arguments.no_redact:
            episode = _masked(episode)
        data = write_episode(episode)
    _write_new(output, data)
    console.say(f"{output}: {len(episode.edits)} edits in {len(data)} bytes")
    if console.is_json:
        console.row(
            {
                "episode": str(output.resolve()),
                "sha256": hashlib.sha256(data).hexdigest(),
                "edits": len(episode.edits),
                "size_bytes": len(data),
            }
        )
    return 0


def _masked(episode: Episode) -> Episode:
    import os

    from signoff_collector.known_values.exact_values import gather_exact_values
    from signoff_collector.redaction.interface import RedactionPolicy
    from signoff_collector.redaction.redactor import Redactor
    from signoff_collector.redaction.values.identities import machine_identities
    from signoff_collector.system.home import resolve_home

    here = Path.cwd()
    policy = RedactionPolicy(
        exact_values=gather_exact_values(os.environ, here, origin="relearned"),
        identities=machine_identities(os.environ, here),
    )
    engines = resolve_home().engines
    # An import makes no home, but what sealing has compiled in one saves it some seconds.
    redactor = Redactor(policy, engine_cache=engines if engines.is_dir() else None)
    return redactor.redact_episode(episode)


def _write_new(output: Path, data: bytes) -> None:
    from signoff_collector.system.private_files import create_private, storage_error

    try:
        create_private(output, data)
    except FileExistsError:
        raise RefusedError(f"{output} exists already") from None
    except OSError as error:
        raise storage_error(error, output) from error
