"""Episodes to label, and labellers with keys of their own."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

from benchmarks.made_days.known_day import known_day
from tests.support.clock import FakeClock

from signoff_collector.episode.content import Episode
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.episode.masked import MARK
from signoff_collector.labels.opening import Opened, open_labels
from signoff_collector.own_files.home import Home
from signoff_schemas.labels import Label, LabelSchema, ProposedLabel

WORDS = "the cache \U0001f642\U00010348"
"""Two characters beyond the basic plane: one hides encoding bugs."""


def masked(episode: Episode) -> Episode:
    """Return an episode that says it was masked."""
    versions = {**episode.header.versions, MARK: "test"}
    return replace(episode, header=episode.header.model_copy(update={"versions": versions}))


@cache
def day() -> Episode:
    """Return a made day with dead ends, reverts and a weakened test."""
    return masked(known_day(1000, tasks=3)[0])


@cache
def day_bytes() -> bytes:
    return write_episode(day())


def put_day(folder: Path) -> Path:
    """Write the day as a file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "day.episode"
    path.write_bytes(day_bytes())
    return path


def home_at(root: Path) -> Home:
    """Return a new home: a labeller with a key of their own."""
    return Home(root=root.resolve()).ensure()


def opened_by(home: Home, path: Path, schema: LabelSchema | None = None) -> Opened:
    """Open an episode as the labeller of a home."""
    return open_labels(home, str(path), chosen=schema, mask=str, clock=FakeClock())


def said(
    field: str, value: str | int, first: int, last: int | None = None, **more: object
) -> Label:
    """Return a label that a person set."""
    return Label.model_validate(
        {
            "origin": "person", "field": field, "value": value, "first": first,
            "last": first if last is None else last, "set_on": "2026-11-28", "tool": "signoff",
            "version": "test", **more,
        }
    )  # fmt: skip


def proposed(
    value: str, first: int, last: int, sure: int = 50, rule: str = "rule"
) -> ProposedLabel:
    """Return a proposal."""
    return ProposedLabel(
        origin="proposed", field="judgement", value=value, first=first, last=last, rule=rule,
        rule_version=1, reason="for this reason", sure=sure,
    )  # fmt: skip
