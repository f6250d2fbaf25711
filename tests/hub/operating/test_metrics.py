"""Figures of health: by state and reason, in tens, and never of somebody."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families
from tests.support.hubs import made_node, send, signed

from signoff_hub.operating.health import health_of
from signoff_hub.operating.metrics import metrics_of


def test_no_figure_tells_of_one_contributor(tmp_path: Path) -> None:
    with made_node(tmp_path / "hub") as node:
        sent = [signed(node, number) for number in range(12)]
        for one in sent[:9]:
            send(node, one)
        before = metrics_of(node)
        assert b'signoff_hub_episodes{state="received"} 0.0' in before
        assert b'signoff_hub_jobs{kind="admit",state="waiting"} 10.0' in before  # of nine
        for one in sent[9:]:
            send(node, one)
        told = metrics_of(node).decode()
    assert 'signoff_hub_episodes{state="received"} 10.0' in told
    families = list(text_string_to_metric_families(told))
    labels = {name for one in families for sample in one.samples for name in sample.labels}
    assert labels <= {"part", "state", "reason", "kind"}
    assert not re.search("[0-9a-f]{16}|SHA256:", told)


def test_a_part_that_is_away_is_named(tmp_path: Path) -> None:
    with made_node(tmp_path / "hub") as node:
        assert health_of(node).model_dump() == {"database": True, "store": True, "disk": True}
        shutil.rmtree(node.folder.incoming)
        assert not health_of(node).disk
