"""`signoff export`: one's own episode in a form that trainers read; local, and signed or not."""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_datasets.exports.formats import FORMATS
from signoff_schemas.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from signoff_collector.episode.content import Episode
    from signoff_collector.screen.console import Console
    from signoff_collector.trees.whole_tree import Base
    from signoff_datasets.exports.interface import File, Format, Source
    from signoff_schemas.header import Imported

SUMMARY: Final = (
    "Write an episode in a form that trainers read: local, unsigned ones too; nothing is sent."
)
EXAMPLE: Final = "signoff export last --format chat -o mine.jsonl"
_NOTHING_WRITTEN: Final = 3
_COMMIT: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument(
        "episode",
        nargs="?",
        default="last",
        metavar="EPISODE",
        help="a path, an id prefix, last or live",
    )
    parser.add_argument("--format", required=True, choices=sorted(FORMATS), help="the form")
    parser.add_argument(
        "-o", "--output", metavar="OUT", required=True, help="the file or folder to write"
    )
    parser.add_argument(
        "--task", type=int, metavar="N", help="one task, from 0, as `show --levels` numbers them"
    )
    parser.add_argument(
        "--repo", metavar="DIR", help="a repository that has the commit the session began at"
    )
    parser.add_argument(
        "--base", metavar="REV", help="that commit, where the episode does not name it"
    )
    parser.add_argument(
        "--run",
        metavar="PYTHON",
        help="for swebench: run the tests before and after the fix with this Python, shut in",
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="write over the file that OUT is, or over an earlier export in that folder",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Read, derive, write; OUT is whole or not there."""
    from signoff_collector.commands.masked import masked_episode
    from signoff_collector.own_files.home import resolve_home
    from signoff_collector.system.extras import need
    from signoff_datasets.commands.writing import refuse_existing, write_files
    from signoff_datasets.exports.formats import load_format
    from signoff_datasets.exports.interface import Source

    if arguments.base is not None and arguments.repo is None:
        raise UsageError("--base needs --repo, the repository that has it")
    if arguments.run is not None and arguments.format != "swebench":
        raise UsageError("--run is for --format swebench, which alone runs tests")
    form = load_format(arguments.format)
    if form.extra is not None:
        need(form.extra, what=f"`signoff export --format {form.name}`")
    output = Path(arguments.output)
    refuse_existing(
        output,
        is_folder=not form.ending,
        is_forced=arguments.force,
        home=resolve_home().root,
        kept=_read_files(arguments.episode),
    )
    with console.counting("Reading the recording"):
        masked = masked_episode(arguments.episode)
        signed = _signed(arguments.episode, masked.sha256)
    source = Source(
        episode=masked.episode,
        sha256=masked.sha256,
        size_bytes=masked.size_bytes,
        task=arguments.task,
        base=None if form.name == "swebench" else _base(arguments, masked.episode),
        repository=None if arguments.repo is None else Path(arguments.repo),
        revision=_revision(arguments),
        python=None if arguments.run is None else Path(arguments.run),
        statement_sha256=signed.statement_sha256,
        licence=signed.licence,
    )
    with console.counting(f"Writing {form.name}"):
        files = list(form.write(source))
        write_files(output, files, is_folder=not form.ending)
    _say(output, form, source, files, console, unsigned=signed.fact)
    return 0 if any(file.records for file in files) else _NOTHING_WRITTEN


def _read_files(name: str) -> list[Path]:
    """Return the files that an EPISODE argument means; none where it is a session."""
    from signoff_collector.consent.sign_off_files import signature_path, statement_path
    from signoff_collector.episode.locating import LIVE, locate
    from signoff_collector.own_files.home import resolve_home
    from signoff_schemas.errors import NotFoundError

    if name == LIVE:
        return []
    try:
        path = locate(resolve_home(), name)
    except NotFoundError:
        return []  # said by whoever reads it, or it is the id of a session
    return [path, statement_path(path), signature_path(path)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signed:
    """What is known of the sign-off beside an episode."""

    fact: str | None
    """Why there is none that counts, in words; None where it counts."""
    statement_sha256: str | None = None
    licence: str | None = None


def _signed(name: str, sha256: str) -> _Signed:
    """Return the statement beside an episode if it is of it, proves itself and still counts."""
    from signoff_collector.consent.sign_off_files import read_sign_off
    from signoff_collector.consent.signatures.checking_signatures import verify_signature
    from signoff_collector.consent.signatures.sshsig import SIGN_OFF
    from signoff_collector.episode.locating import LIVE, locate
    from signoff_collector.own_files.home import resolve_home
    from signoff_collector.upload.outbox.outbox import Outbox, outbox_path
    from signoff_collector.upload.sending.checks import void_because
    from signoff_schemas.errors import DamagedError, NotFoundError, NotSignedError
    from signoff_schemas.statement import parse_statement, statement_sha256

    unsigned = _Signed(fact="not signed")
    if name == LIVE:
        return unsigned
    home = resolve_home()
    try:
        found = read_sign_off(locate(home, name))
    except (NotSignedError, NotFoundError, DamagedError):
        return unsigned
    try:
        statement = parse_statement(found.statement)
        verify_signature(found.statement, found.signature, SIGN_OFF)
    except NotSignedError as error:
        return _Signed(fact=f"its sign-off is void: {error}")
    if statement.sha256 != sha256:
        return _Signed(fact="its sign-off is void: it is of another episode")
    with ExitStack() as stack:
        outbox = None
        if outbox_path(home).is_file():
            outbox = stack.enter_context(Outbox.open(home))
        because = void_because(home, outbox, statement.predicate.record_id)
    if because is not None:
        return _Signed(fact=f"its sign-off is void: {because}")
    return _Signed(
        fact=None,
        statement_sha256=statement_sha256(found.statement),
        licence=statement.predicate.licence,
    )


def _base(arguments: argparse.Namespace, episode: Episode) -> Base | None:
    """Return the commit that the session began at, in the repository that was named.

    Raises:
        UsageError: the episode does not name it, and neither did the person.
    """
    from signoff_collector.commands.checkout import repository_base

    if arguments.repo is None:
        return None
    revision: str | None = arguments.base or episode.header.base.commit
    if revision is None or (arguments.base is None and _COMMIT.fullmatch(revision) is None):
        raise UsageError(
            "the episode does not say at which commit of that repository it began",
            hint="Name it: --base REV.",
        )
    return repository_base(Path(arguments.repo), revision)


def _revision(arguments: argparse.Namespace) -> str | None:
    """Return the commit that was named with --base, by its id.

    Raises:
        UsageError: it names none.
    """
    from signoff_collector.commands.checkout import commit_id

    revision: str | None = arguments.base
    return None if revision is None else commit_id(Path(arguments.repo), revision)


def _say(
    output: Path,
    form: Format,
    source: Source,
    files: list[File],
    console: Console,
    *,
    unsigned: str | None,
) -> None:
    from signoff_collector.episode.imported import imported_of

    imported = imported_of(source.episode.header)
    records = sum(file.records for file in files)
    size_bytes = sum(len(file.content) for file in files)
    words = "1 record" if records == 1 else f"{records} records"
    told = "".join(f", {one}" for one in (_imported(imported), unsigned) if one)
    console.say(f"{output}: {words} in {size_bytes} bytes{told}; nothing was sent")
    notes = [note for file in files for note in file.notes]
    for note in notes:
        console.note(f"note: {note}")
    if not records and not notes:
        console.note(
            "note: nothing in it is what this form holds; docs/exports.md says what that is"
        )
    if console.is_json:
        console.row(
            {
                "output": str(output.resolve()),
                "format": form.name,
                "records": records,
                "size_bytes": size_bytes,
                "episode_sha256": source.sha256,
                "statement_sha256": source.statement_sha256,
                "unsigned_because": unsigned,
                "imported": None if imported is None else imported.format,
                "notes": notes,
            }
        )


def _imported(imported: Imported | None) -> str | None:
    """Say of a recording of another tool that it is one."""
    return None if imported is None else f"imported from {imported.format}"
