"""`signoff check`: are the bytes whole, and does the replay give what was on disk?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_schemas.errors import PartlyDoneError

if TYPE_CHECKING:
    import argparse

    from signoff_collector.screen.console import Console

SUMMARY: Final = "Check an episode: its bytes, and its replay against what was on disk."
EXAMPLE: Final = "signoff check last --json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument(
        "episode",
        nargs="?",
        default="last",
        metavar="EPISODE",
        help="a path, an id prefix, last or live",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Check it; 11 when bytes are bad, 3 when the replay differs."""
    from signoff_collector.episode.file.strict import strict_check
    from signoff_collector.episode.file.upgrade import upgraded
    from signoff_collector.episode.moments.checking import check_replay
    from signoff_collector.replay.describing import coverage_lines
    from signoff_collector.replay.naming import episode_bytes

    with console.counting("Checking the recording"):
        episode = strict_check(upgraded(episode_bytes(arguments.episode)))
        report = check_replay(episode)
    if console.is_json:
        spans = [span.model_dump(mode="json") for span in episode.header.observability]
        console.row(report.row() | {"observability": spans})
    console.say(f"checkpoints  {report.checkpoints}")
    console.say(f"matched      {report.matched}")
    console.say(f"resyncs      {report.resyncs}", style="yellow" if report.resyncs else "green")
    console.say(f"blind spans  {report.blind_spans}")
    for line in coverage_lines(episode.header):
        console.say(line)
    if report.mismatches:
        first = report.mismatches[0]
        raise PartlyDoneError(
            f"the replay differs at {len(report.mismatches)} of {report.checkpoints} checkpoints,"
            f" first at step {first.seq} in {first.path}",
            hint=f"`signoff checkout EPISODE --at step:{first.seq} DIR` writes what it gives.",
        )
    return 0
