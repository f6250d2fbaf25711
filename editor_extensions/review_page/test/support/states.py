"""Says what the program's own reader finds in episodes, for the page's reader to be held against.

    python states.py FOLDER

For every `*.episode` in the folder a line of JSON: its name, steps, deleted texts and the
trees of some moments.
With no episode there, some are made first: of random edits, of every kind and of a later one,
of several files with gaps, cuts and resyncs, and a small day.
"""

from __future__ import annotations

import base64
import json
import random
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
sys.path[:0] = [str(ROOT / name) for name in ("collector", "schemas", ".", "benchmarks")]
MOMENTS = 60


def main(folder: Path) -> None:
    """Print what is in the folder's episodes."""
    from signoff_collector.episode.file.reader import read_episode
    from signoff_collector.episode.json_form import step_rows
    from signoff_collector.episode.moments.moments import Moments
    from signoff_collector.redaction.texts.texts import named_paths
    from signoff_collector.review.tasks.contents import outputs_of
    from signoff_collector.review.tasks.deleted_texts import deleted_texts

    if not any(folder.glob("*.episode")):
        _make(folder)
    for path in sorted(folder.glob("*.episode")):
        episode = read_episode(path)
        moments = Moments(episode)
        chosen = random.Random(7)  # noqa: S311 - a test's data
        seqs = range(-1, episode.step_count)
        if len(seqs) > MOMENTS:
            seqs = sorted([*chosen.sample(seqs, MOMENTS), episode.step_count - 1])
        trees = {seq: _shown(moments.tree(seq)) for seq in seqs}
        rows = list(step_rows(episode))
        if len(rows) > 3000:
            rows = chosen.sample(rows, 3000)
        row: dict[str, object] = {"name": path.name, "trees": trees, "steps": rows}
        row["deleted"] = sorted(
            [one.path, one.seq, one.why, one.text, one.count] for one in deleted_texts(episode)
        )
        row["paths"] = named_paths(episode)
        row["outputs"] = list(dict.fromkeys(one.seq for one in outputs_of(episode)))
        said = json.dumps(row)
        print(said)  # noqa: T201 - the test reads it


def _shown(tree: dict[str, str | bytes]) -> dict[str, object]:
    return {
        path: content if isinstance(content, str) else [base64.b64encode(content).decode()]
        for path, content in tree.items()
    }


def _make(folder: Path) -> None:
    from hypothesis import HealthCheck, given, seed, settings
    from hypothesis import strategies as st
    from made_days.day import make_day
    from tests.collector.review.tasks.test_all_that_leaves import days, shared_of
    from tests.support import episodes as support_episodes

    from signoff_collector.episode.content import Episode
    from signoff_collector.episode.file.writer import write_episode

    written: list[bytes] = [
        write_episode(support_episodes.sample_episode()),
        write_episode(support_episodes.jumping_episode()),
        write_episode(support_episodes.later_episode()),
        write_episode(make_day(3, scale=0.05)),
    ]

    @seed(11)
    @settings(
        max_examples=60, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(st.data())
    def draw(data: st.DataObject) -> None:
        opened, edits, _ = data.draw(support_episodes.typing())
        written.append(write_episode(support_episodes.open_episode(opened, edits)))

    @seed(23)
    @settings(
        max_examples=150, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(support_episodes.episodes())
    def draw_whole(episode: Episode) -> None:
        written.append(write_episode(episode))

    @seed(37)
    @settings(
        max_examples=60, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(st.data())
    def draw_shared(data: st.DataObject) -> None:
        written.append(write_episode(shared_of(data.draw(days()))))

    draw()
    draw_whole()
    draw_shared()
    for number, content in enumerate(written):
        (folder / f"{number:03}.episode").write_bytes(content)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
