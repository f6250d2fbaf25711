"""`signoff import`: an episode from a recording that another tool made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.imports.formats import FORMATS
from signoff_schemas.errors import DamagedError, NotFoundError, RefusedError, UsageError

if TYPE_CHECKING:
    import argparse

    from signoff_collector.episode.content import Episode
    from signoff_collector.imports.formats import Given
    from signoff_collector.imports.people import Named
    from signoff_collector.screen.console import Console

SUMMARY: Final = "Make an episode from a recording of another tool; it can never be signed."
EXAMPLE: Final = "signoff import demo.cast --format asciicast -o demo.episode"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument(
        "file",
        metavar="FILE",
        help="the recording, plain or compressed with gzip; for progsnap2 a folder or zip file",
    )
    parser.add_argument(
        "--format",
        required=True,
        choices=list(FORMATS),
        help="; ".join(f"{name}: {what}" for name, what in FORMATS.items()),
    )
    parser.add_argument("--subject", metavar="ID", help="whose work, in a progsnap2 data set")
    parser.add_argument(
        "--times", metavar="FILE", help="one Unix time in seconds per edit of an editing trace"
    )
    parser.add_argument("--no-times", action="store_true", help="leave times out")
    parser.add_argument(
        "--no-redact", action="store_true", help="mask nothing: for traces that are public anyway"
    )
    parser.add_argument("-o", "--output", metavar="X", required=True, help="the episode to write")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Read the recording, replay it once, mask it, write the episode."""
    import hashlib

    from signoff_collector.episode.moments.checking import check_replay
    from signoff_collector.imports.building import without_times
    from signoff_collector.imports.formats import read_foreign

    if arguments.times and arguments.no_times:
        raise UsageError("--times and --no-times exclude each other")
    output = Path(arguments.output)
    if output.exists():
        raise RefusedError(f"{output} exists already", hint="Name a file that does not exist.")
    foreign = read_foreign(arguments.format, _given(arguments))
    episode = foreign.episode
    if arguments.no_times:
        episode = without_times(episode)
    check_replay(episode)
    with console.counting("Masking"):
        if not arguments.no_redact:
            episode = _masked(episode, foreign.named)
        data = _written(episode)
    _write_new(output, data)
    edits, steps = len(episode.edits), episode.step_count
    console.say(f"{output}: {edits} edits, {steps} steps in {len(data)} bytes")
    imported = episode.header.imported
    said = () if imported is None else imported.said
    for sentence in said:
        console.say(f"  not exact: {sentence}")
    console.say("  it was imported: it can be replayed and checked out, never signed as your own")
    if console.is_json:
        console.row(
            {
                "episode": str(output.resolve()),
                "sha256": hashlib.sha256(data).hexdigest(),
                "edits": edits,
                "steps": steps,
                "size_bytes": len(data),
                "format": None if imported is None else imported.format,
                "said": list(said),
            }
        )
    return 0


def _given(arguments: argparse.Namespace) -> Given:
    from signoff_collector.imports.formats import Given

    source = Path(arguments.file)
    is_folder = source.is_dir()
    return Given(
        content=b"" if is_folder else _content(source),
        files=_files_of(source) if is_folder else None,
        name=source.name.split(".")[0] or "trace",
        subject=arguments.subject,
        times=_content(Path(arguments.times)) if arguments.times else None,
    )


def _content(path: Path) -> bytes:
    """Return the bytes of a file that a person names; a link to it is followed.

    Raises:
        NotFoundError: there is none.
        DamagedError: it is no regular file, too large, or cannot be read.
    """
    from signoff_collector.imports.reading import MAX_BYTES
    from signoff_collector.own_files.private_files import read_regular

    if not path.exists():
        raise NotFoundError(f"there is no file {path}", hint="Name the recording to import.")
    if not path.is_file():
        raise DamagedError(
            f"{path} is not a regular file",
            hint="Name the file that the other tool wrote; save what a pipe gives in a file first.",
        )
    return read_regular(path.resolve(), max_bytes=MAX_BYTES)


def _files_of(folder: Path) -> dict[str, bytes]:
    """Return the regular files of a data set; links are not followed.

    Raises:
        DamagedError: they are more, or larger, than a data set may have, or the kernel makes
            them up.
    """
    import os
    import stat

    from signoff_collector.imports.progsnap2 import MAX_FILES
    from signoff_collector.imports.reading import MAX_BYTES
    from signoff_collector.own_files.private_files import read_regular
    from signoff_collector.system.files.file_systems import MADE_UP, file_system_of

    if (kind := file_system_of(folder.resolve())) in MADE_UP:
        raise DamagedError(
            f"{folder} lies in {kind}, whose files the system makes up as they are read",
            hint="Name the folder in which the data set lies, or its zip file.",
        )
    found: dict[str, bytes] = {}
    left = MAX_BYTES
    for place, below, names in os.walk(folder):
        if os.path.ismount(place) and file_system_of(Path(place).resolve()) in MADE_UP:
            below.clear()
            continue
        for name in names:
            path = Path(place, name)
            try:
                is_regular = stat.S_ISREG(path.lstat().st_mode)
            except OSError:
                continue
            if not is_regular:
                continue
            if len(found) >= MAX_FILES:
                raise DamagedError(f"{folder} holds more than {MAX_FILES} files")
            content = read_regular(path, max_bytes=left)
            left -= len(content)
            found[path.relative_to(folder).as_posix()] = content
    return found


def _written(episode: Episode) -> bytes:
    from signoff_collector.episode.file.writer import write_episode

    try:
        return write_episode(episode)
    except ValueError as error:
        raise DamagedError(f"the recording does not fit into an episode: {error}") from error


def _masked(episode: Episode, named: Named) -> Episode:
    """Mask what this machine knows, and the names that the recording gives of its own."""
    import os
    from dataclasses import replace

    from signoff_collector.known_values.exact_values import gather_exact_values
    from signoff_collector.own_files.home import resolve_home
    from signoff_collector.redaction.interface import RedactionPolicy
    from signoff_collector.redaction.redactor import Redactor
    from signoff_collector.redaction.values.identities import machine_identities

    here = Path.cwd()
    own = machine_identities(os.environ, here)
    policy = RedactionPolicy(
        exact_values=gather_exact_values(os.environ, here, origin="relearned"),
        identities=replace(
            own,
            user_names=_both(own.user_names, named.users),
            host_names=_both(own.host_names, named.hosts),
            home_paths=_both(own.home_paths, named.homes),
            workspace_paths=_both(own.workspace_paths, named.folders),
        ),
    )
    engines = resolve_home().engines
    # An import makes no home, but what sealing has compiled in one saves it some seconds.
    redactor = Redactor(policy, engine_cache=engines if engines.is_dir() else None)
    return redactor.redact_episode(episode)


def _both(some: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({*some, *others}))


def _write_new(output: Path, data: bytes) -> None:
    from signoff_collector.own_files.private_files import create_private, storage_error

    try:
        create_private(output, data)
    except FileExistsError:
        raise RefusedError(f"{output} exists already") from None
    except OSError as error:
        raise storage_error(error, output) from error
