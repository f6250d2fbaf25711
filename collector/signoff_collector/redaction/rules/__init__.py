"""Rules for the known kinds of secrets, as data: one entry per kind.

To add a kind, add one line; tests generate examples of it from its shape.
"""

from __future__ import annotations

from typing import Final

from signoff_collector.redaction.rules import cloud, code, data, keys, services
from signoff_collector.redaction.rules.shapes import Rule

RULES: Final[tuple[Rule, ...]] = (
    *cloud.RULES,
    *code.RULES,
    *services.RULES,
    *data.RULES,
    *keys.RULES,
)
