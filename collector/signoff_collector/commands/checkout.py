"""`signoff checkout`: the files of one moment, in a new folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_schemas.errors import PartlyDoneError, UsageError

if TYPE_CHECKING:
    import argparse

    from signoff_collector.capture.git.git_contents import GitBase
    from signoff_collector.screen.console import Console
    from signoff_collector.trees.whole_tree import WholeTree

SUMMARY: Final = "Write the files of one moment into a new folder."
EXAMPLE: Final = "signoff checkout last --at time:+12m moment/"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("episode", metavar="EPISODE", help="a path, an id prefix, last or live")
    parser.add_argument("folder", metavar="DIR", help="a new or empty folder")
    parser.add_argument(
        "--at",
        metavar="A",
        required=True,
        help="N, step:S, time:+1h02m3s, time:10:40, start, end",
    )
    parser.add_argument("--disk", action="store_true", help="the saved files, without unsaved text")
    parser.add_argument("--repo", metavar="DIR", help="a repository that has the base commit")
    parser.add_argument(
        "--links", action="store_true", help="create symbolic links that stay inside the folder"
    )
    parser.add_argument("--base", metavar="REV", help="the commit at which the session began")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Write them; nothing existing is ever touched."""
    from signoff_collector.commands.words import plain_at
    from signoff_collector.episode.file.reader import read_episode
    from signoff_collector.episode.moments.moments import Moments
    from signoff_collector.episode.resolving import resolve_at
    from signoff_collector.replay.naming import episode_bytes
    from signoff_collector.system.clock import SystemClock
    from signoff_collector.trees.checkout import write_tree
    from signoff_collector.trees.whole_tree import has_tree, whole_tree
    from signoff_schemas.at import parse_at

    if (arguments.repo is None) != (arguments.base is None):
        raise UsageError("--repo and --base go together")
    with console.counting("Reading the recording"):
        episode = read_episode(episode_bytes(arguments.episode))
    seq = resolve_at(episode, parse_at(plain_at(arguments.at, SystemClock())))
    base = None if arguments.repo is None else repository_base(Path(arguments.repo), arguments.base)
    moments = Moments(episode)
    with console.counting("Reading the files of that moment"):
        tree = whole_tree(moments, seq, base, is_disk=arguments.disk)
    for path in () if base is None else base.submodules:
        console.note(f"note: {path} is a submodule and is left out")
    with console.counting("Writing the files"):
        written = write_tree(tree.files, Path(arguments.folder), links=arguments.links)
    console.say(
        f"{arguments.folder}: {written.files} {'file' if written.files == 1 else 'files'},"
        f" {written.size_bytes} bytes, after step {seq}"
    )
    for path in written.run_by_tools:
        console.note(f"note: {path} may be run by an editor or a tool; look at it first")
    for path, other in written.renamed:
        console.note(f"note: {path} cannot be called that in this folder; it is {other}")
    for path in written.links_as_text:
        console.note(f"note: {path} is a symbolic link; its target is written as text")
    if console.is_json:
        console.row(
            {
                "folder": str(Path(arguments.folder).resolve()),
                "seq": seq,
                "files": written.files,
                "size_bytes": written.size_bytes,
                "run_by_tools": list(written.run_by_tools),
                "links_as_text": list(written.links_as_text),
                "renamed": dict(written.renamed),
                "missing": sorted(tree.missing),
            }
        )
    if base is not None:
        _refuse_missing(tree)
    elif tree.missing:
        console.note(f"note: {len(tree.missing)} files are not in the episode; see --repo")
    if base is None and tree.unnamed and has_tree(moments):
        console.note(
            "note: files of the base commit that were left out, or differed and are not listed:"
            f" {tree.unnamed}"
        )
    return 0


def repository_base(folder: Path, revision: str) -> GitBase:
    """Return the commit that the rest comes from; a folder below the top counts alone.

    Raises:
        UsageError: the revision could be taken for an option.
        NotFoundError: there is no repository.
    """
    from signoff_collector.capture.git.git import Git
    from signoff_collector.capture.git.git_contents import GitBase, folder_prefix

    if revision.startswith("-"):
        raise UsageError(f"{revision!r} is not a revision of that repository")
    git = Git(folder)
    return GitBase(git, folder_prefix(git, folder), revision)


def commit_id(folder: Path, revision: str) -> str:
    """Return the id of the commit that a revision of a repository names.

    Raises:
        UsageError: it names none.
        NotFoundError: there is no repository.
    """
    from signoff_collector.capture.git.git import Git

    words = ("rev-parse", "-q", "--verify", "--end-of-options", f"{revision}^{{commit}}")
    found = Git(folder).result(*words)
    if found.exit_code:
        raise UsageError(
            f"{revision[:80]!r} names no commit of that repository",
            hint="Name one that `git -C DIR log` lists: --base REV.",
        )
    return found.stdout.decode("ascii").strip()


def _refuse_missing(tree: WholeTree) -> None:
    """Raise PartlyDoneError where the repository does not give the whole tree."""
    if not tree.missing and not tree.unnamed:
        return
    said = f"{len(tree.missing)} files of that moment were not found"
    if tree.unnamed:
        said += f"; {tree.unnamed} more changed or differed, and are not listed"
    raise PartlyDoneError(
        said,
        details=sorted(tree.missing),
        hint="Their content was not kept; a repository with all its branches may have it.",
    )
