"""What is ours in somebody's file: lines between our marks, or entries that start our hook."""

from __future__ import annotations

import json

from signoff_collector.installation.agent_hooks import holds_hooks, our_hooks, without_hooks
from signoff_collector.installation.config_files.marked_block import find_block, without_block


def holds_ours(text: str) -> bool:
    """Say whether anything of ours stands in a text.

    Raises:
        DamagedError: a mark of ours has no partner.
    """
    return find_block(text) is not None or holds_hooks(text)


def is_bare(text: str) -> bool:
    """Say whether a text that we made holds nothing any more but the frame we made it with."""
    if not text.strip():
        return True
    try:
        return json.loads(text) in ({}, {"version": 1})
    except (ValueError, RecursionError):
        return False


def text_without_ours(text: str) -> str:
    """Return a text without what is ours; as it is when there is nothing.

    Raises:
        DamagedError: a mark of ours has no partner.
    """
    return without_hooks(text) if holds_hooks(text) else without_block(text)


def part_of_ours(text: str) -> str:
    """Return what is ours in a text; empty when there is nothing.

    Raises:
        DamagedError: a mark of ours has no partner.
    """
    if holds_hooks(text):
        return our_hooks(text)
    place = find_block(text)
    return "" if place is None else text[place[0] : place[1]]
