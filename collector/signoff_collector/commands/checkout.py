"""`signoff checkout`: the files of one moment, in a new folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_schemas.errors import DamagedError, UsageError

if TYPE_CHECKING:
    import argparse

    from signoff_collector.capture.git import Git
    from signoff_collector.console import Console
    from signoff_collector.episode.moments import Moments
    from signoff_collector.replay.checkout import TreeFile

SUMMARY: Final = "Write the files of one moment into a new folder."
EXAMPLE: Final = "signoff checkout last --at time:+12m moment/"
_BATCH: Final = 200
_LINK: Final = "120000"
_FILE_MODES: Final = frozenset({"100644", "100755", "100664", _LINK})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("episode", metavar="EPISODE", help="a path, an id prefix, last or live")
    parser.add_argument("folder", metavar="DIR", help="a new or empty folder")
    parser.add_argument(
        "--at",
        metavar="A",
        required=True,
        help="N, step:S, time:+1h02m3s, time:RFC3339, start, end",
    )
    parser.add_argument("--disk", action="store_true", help="what was saved, not what was open")
    parser.add_argument("--repo", metavar="DIR", help="a repository that holds the base")
    parser.add_argument("--base", metavar="REV", help="the commit the session began at")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Write them; nothing existing is ever touched."""
    from signoff_collector.episode.moments import Moments
    from signoff_collector.episode.reader import read_episode
    from signoff_collector.episode.resolving import resolve_at
    from signoff_collector.replay.checkout import write_tree
    from signoff_collector.replay.naming import episode_bytes
    from signoff_schemas.at import parse_at

    if (arguments.repo is None) != (arguments.base is None):
        raise UsageError("--repo and --base go together")
    episode = read_episode(episode_bytes(arguments.episode))
    seq = resolve_at(episode, parse_at(arguments.at))
    tree: dict[str, TreeFile] = {}
    if arguments.repo is not None:
        tree = _base_tree(Path(arguments.repo), arguments.base, console)
    _overlay(tree, Moments(episode), seq, is_disk=arguments.disk)
    written = write_tree(tree, Path(arguments.folder))
    console.say(
        f"{arguments.folder}: {written.files} files, {written.size_bytes} bytes, after step {seq}"
    )
    for path in written.run_by_tools:
        console.note(f"note: {path} may be run by an editor or a tool; look at it first")
    if console.is_json:
        console.row(
            {
                "folder": str(Path(arguments.folder).resolve()),
                "seq": seq,
                "files": written.files,
                "size_bytes": written.size_bytes,
                "run_by_tools": list(written.run_by_tools),
            }
        )
    return 0


def _overlay(tree: dict[str, TreeFile], moments: Moments, seq: int, *, is_disk: bool) -> None:
    from signoff_collector.episode.moments import content_bytes
    from signoff_collector.replay.checkout import TreeFile

    for path in moments.gone(seq):
        tree.pop(path, None)
    for path, content in moments.tree(seq, disk=is_disk).items():
        base = tree.get(path)
        mode = moments.mode(path, seq) or (base.mode if base else None)
        tree[path] = TreeFile(content=content_bytes(content), mode=mode)


def _base_tree(repository: Path, revision: str, console: Console) -> dict[str, TreeFile]:
    """Return all files of a commit, read from git's objects: no filter is run."""
    from signoff_collector.capture.git import Git
    from signoff_collector.replay.checkout import TreeFile

    if revision.startswith("-"):
        raise UsageError(f"{revision!r} is no revision")
    git = Git(repository)
    listed: list[tuple[str, str, str]] = []
    listing = git.run("ls-tree", "-r", "-z", "--full-tree", f"{revision}^{{commit}}")
    for entry in listing.split(b"\0"):
        head, _, name = entry.partition(b"\t")
        if not name:
            continue
        mode, kind, object_id = head.decode("ascii").split(" ")
        path = name.decode("utf-8", "surrogateescape")
        if kind != "blob" or mode not in _FILE_MODES:
            console.note(f"note: {path} is a submodule and is left out")
            continue
        listed.append((path, mode, object_id))
    tree: dict[str, TreeFile] = {}
    for start in range(0, len(listed), _BATCH):
        batch = listed[start : start + _BATCH]
        contents = _read_blobs(git, [object_id for _, _, object_id in batch])
        for (path, mode, _), content in zip(batch, contents, strict=True):
            tree[path] = TreeFile(content=content, mode=mode)
    return tree


def _read_blobs(git: Git, object_ids: list[str]) -> list[bytes]:
    answer = git.run("cat-file", "--batch", stdin="".join(f"{o}\n" for o in object_ids).encode())
    contents: list[bytes] = []
    at = 0
    for object_id in object_ids:
        end = answer.find(b"\n", at)
        fields = answer[at:end].split(b" ")
        if end < 0 or len(fields) != 3 or fields[1] != b"blob":
            raise DamagedError(f"git has no file {object_id}", hint="Fetch the whole repository.")
        size = int(fields[2])
        contents.append(answer[end + 1 : end + 1 + size])
        at = end + 1 + size + 1
    return contents
