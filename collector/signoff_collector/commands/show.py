"""`signoff show`: what an episode holds."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from signoff_collector.episode.content import Episode
    from signoff_collector.episode.file.reader import EpisodeFile
    from signoff_collector.redaction.writing.explaining import MaskPlace
    from signoff_collector.screen.console import Console

SUMMARY: Final = "Show what an episode contains."
EXAMPLE: Final = "signoff show last --steps --json | head -3"
_PATHS_SHOWN: Final = 40


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument(
        "episode",
        nargs="?",
        default="last",
        metavar="EPISODE",
        help="a path, an id prefix, last or live",
    )
    parser.add_argument("--steps", action="store_true", help="list every step")
    parser.add_argument(
        "--levels",
        action="store_true",
        help="show what is derived: tasks, attempts, tests that turned, dead ends, reverts",
    )
    parser.add_argument(
        "--quality",
        action="store_true",
        help="show how useful it is to learn from: of the recording, never of you",
    )
    parser.add_argument(
        "--raw", action="store_true", help="show secrets of a session that is not sealed yet"
    )
    parser.add_argument(
        "--redactions",
        action="store_true",
        help="list what was masked, where, and how it was found",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Show it, or as much of it as is whole."""
    from signoff_collector.episode.file.reader import EpisodeFile
    from signoff_collector.episode.file.upgrade import upgraded
    from signoff_collector.episode.json_form import step_rows
    from signoff_collector.replay.masking import masked_value
    from signoff_collector.replay.naming import episode_bytes, mask_for

    with console.counting("Reading the recording"):
        data = upgraded(episode_bytes(arguments.episode))
    file = EpisodeFile(data)
    if file.is_torn():
        _show_what_is_left(file, console)
        first, *others = file.damages()
        for damage in others:
            console.note(f"also: {damage}")
        raise first
    mask = mask_for(file.header, arguments.episode, is_raw=arguments.raw)
    if arguments.steps and not console.is_json:
        _list_steps(file, mask, console)
        return 0
    episode = file.episode()
    if arguments.steps:
        for row in step_rows(episode):
            console.row({key: masked_value(value, mask) for key, value in row.items()})
    elif arguments.levels:
        _show_levels(episode, mask, console)
    elif arguments.quality:
        _show_quality(episode, console)
    elif arguments.redactions:
        _show_redactions(episode, console)
    else:
        _show_summary(episode, data, mask, console)
    return 0


def _show_summary(
    episode: Episode, data: bytes, mask: Callable[[str], str], console: Console
) -> None:
    import hashlib

    from signoff_collector.redaction.texts.texts import named_paths
    from signoff_collector.replay.describing import clock_text, coverage_lines
    from signoff_collector.replay.masking import masked_value
    from signoff_collector.review.base_tree.step import is_tree
    from signoff_collector.screen.console import visible

    kinds = Counter(step.kind for step in episode.steps)
    kinds["edit"] = len(episode.edits)
    own = [step for step in episode.steps if not is_tree(step)]
    paths = named_paths(replace(episode, steps=tuple(own)))
    sha256 = hashlib.sha256(data).hexdigest()
    header = episode.header
    if console.is_json:
        console.row(
            {
                "sha256": sha256,
                "size_bytes": len(data),
                "header": masked_value(
                    header.model_dump(mode="json", by_alias=True, exclude_none=True), mask
                ),
                "files": [mask(path) for path in paths],
                "kinds": {kind: count for kind, count in sorted(kinds.items()) if count},
            }
        )
        return
    console.say(f"episode  {sha256}")
    size = f"{len(data)} bytes"
    if len(episode.edits):
        size += f", {len(data) / len(episode.edits):.2f} per edit"
    console.say(f"size     {size}")
    when = f" on {header.captured_on}" if header.captured_on else ""
    console.say(f"time     {clock_text(header.duration_ns)}{when}, {header.origin}")
    console.say(f"steps    {episode.step_count}")
    for kind, count in sorted(kinds.items(), key=lambda item: (-item[1], item[0])):
        if count:
            console.say(f"  {kind:<12}{count}")
    check = header.check
    console.say(
        f"sealing  compared {check.checkpoints} times with the disk, {check.matched} matched,"
        f" {check.resyncs} resyncs, {check.blind_spans} blind spans"
    )
    for line in coverage_lines(header):
        console.say(line)
    console.say(f"files    {len(paths)}")
    for path in paths[:_PATHS_SHOWN]:
        console.say(f"  {visible(mask(path), keep_newlines=False)}")
    if len(paths) > _PATHS_SHOWN:
        console.say(f"  and {len(paths) - _PATHS_SHOWN} more: --json lists all")


def _list_steps(file: EpisodeFile, mask: Callable[[str], str], console: Console) -> None:
    """List them as they are read: the first is there before the last is made.

    The first lines are sent one by one and then ever more at once, since many only want those.
    """
    from signoff_collector.episode.content import Edit
    from signoff_collector.episode.moments.walking import walk_in_order
    from signoff_collector.replay.describing import clock_text, describe_edit, describe_step
    from signoff_collector.replay.masking import masked_step
    from signoff_collector.screen.console import visible

    for number, step in enumerate(walk_in_order(file), start=1):
        if isinstance(step, Edit):
            text = mask(describe_edit(step, file.files[step.file]))
        else:
            text = describe_step(masked_step(step, mask))
        line = visible(text, keep_newlines=False)
        console.say(f"{step.seq:>7} {clock_text(step.t_ns):>8}  {line}")
        if number & (number - 1) == 0:
            console.flush()


def _show_levels(episode: Episode, mask: Callable[[str], str], console: Console) -> None:
    from signoff_collector.levels.telling import level_lines, level_rows
    from signoff_collector.replay.masking import masked_value
    from signoff_collector.screen.console import visible

    if console.is_json:
        for row in level_rows(episode):
            console.row({key: masked_value(value, mask) for key, value in row.items()})
        return
    with console.counting("Looking for tasks and attempts"):
        lines = list(level_lines(episode))
    for line in lines:
        console.say(visible(mask(line), keep_newlines=False))


def _show_quality(episode: Episode, console: Console) -> None:
    """Show it; no text of the episode is in it, so that nothing has to be masked."""
    from signoff_collector.quality.quality import quality_of
    from signoff_collector.quality.telling import quality_lines

    with console.counting("Looking at the recording"):
        quality = quality_of(episode)
    if console.is_json:
        for row in quality.rows():
            console.row(row)
        return
    for line in quality_lines(quality):
        console.say(line)


def _show_redactions(episode: Episode, console: Console) -> None:
    from signoff_collector.redaction.writing.explaining import mask_places
    from signoff_collector.screen.console import visible

    places = mask_places(episode)
    if console.is_json:
        for one in places:
            console.row(
                {
                    "mask": one.mask,
                    "kind": one.kind,
                    "how": one.how or None,
                    "step": one.step,
                    "path": one.path,
                    "line": one.line,
                    "field": one.field,
                }
            )
        return
    if not places:
        console.say("nothing was masked")
    by_mask: dict[str, list[MaskPlace]] = {}
    for one in places:
        by_mask.setdefault(one.mask, []).append(one)
    for mask, found in by_mask.items():
        how = visible(found[0].how, keep_newlines=False) or "a release that did not store how"
        console.say(f"{mask}  {found[0].kind}, found by {how}")
        for one in found:
            console.say(f"  {visible(one.place, keep_newlines=False)}")


def _show_what_is_left(file: EpisodeFile, console: Console) -> None:
    """Say what of a damaged file can still be read, part by part."""
    from signoff_schemas.errors import DamagedError

    parts: dict[str, Callable[[], str]] = {
        "header": lambda: f"{file.header.steps} steps, {len(file.files)} files",
        "steps": lambda: f"{len(file.steps)} besides edits",
        "edits": lambda: f"{len(file.edits)}",
        "blobs": lambda: f"{len(file.blobs)}",
    }
    for name, look in parts.items():
        try:
            console.say(f"{name:<8} whole: {look()}")
        except DamagedError:
            console.say(f"{name:<8} damaged")
