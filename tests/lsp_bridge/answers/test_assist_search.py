"""What companions tell of offers and searches, as the sealed steps say it."""

from __future__ import annotations

from pathlib import Path

from tests.support.bridge import EMOJI, bridge, enable
from tests.support.deadline import wait_until

from signoff_collector.episode.file.reader import read_episode
from signoff_collector.episode.json_form import step_rows
from signoff_collector.own_files.home import resolve_home
from signoff_collector.seal.live import live_episode
from signoff_collector.system.clock import SystemClock
from signoff_schemas.words import Coverage


def test_offers_and_searches_are_taken_and_nonsense_is_not(tmp_path: Path, home: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    enable(folder)
    file = folder / "a.py"
    file.write_text("x\n")
    labels = [f"{EMOJI}{number}" for number in range(30)]
    with bridge() as client:
        client.initialize()
        uri = client.open(file)
        chosen = {"uri": uri, "version": 1, "feature": "completion", "offered": [1, *labels]}
        client.notify(
            "signoff/assist",
            {**chosen, "chosen": labels[0], "outcome": "maybe", "documentation": "hover text"},
        )
        client.notify("signoff/assist", {"uri": uri, "feature": "hover", "chosen": "hover text"})
        client.notify("signoff/assist", {"uri": uri, "feature": ["completion"]})
        client.notify("signoff/search", {"uri": uri, "query": EMOJI, "scope": "file", "hits": -1})
        client.notify("signoff/search", {"uri": uri, "query": EMOJI, "scope": "moon"})
        client.notify("signoff/search", {"uri": uri, "query": ["x"], "scope": "file"})
        elsewhere = (tmp_path / "b.py").as_uri()
        client.notify("signoff/search", {"uri": elsewhere, "query": "private", "scope": "file"})
        told = {"assist": 3, "open": 1, "search": 3}
        wait_until(lambda: client.status()["workspaces"][0]["steps"] == told, "all to be written")
        data = live_episode(resolve_home(), folder, SystemClock())
        client.quit()
    episode = read_episode(data)
    rows = list(step_rows(episode))
    (seen,) = [one for one in episode.header.observability if one.edits is Coverage.FULL]
    assert (seen.suggestions, seen.search) == (Coverage.PARTIAL, Coverage.PARTIAL)
    (assist,) = [row for row in rows if row["kind"] == "assist"]
    assert assist["offered"] == labels[:9]
    assert (assist["chosen"], assist.get("outcome")) == (labels[0], None)
    (search,) = [row for row in rows if row["kind"] == "search"]
    assert (search["query"], search["scope"], search.get("hits")) == (EMOJI, "file", None)
    assert "hover text" not in str(rows)
