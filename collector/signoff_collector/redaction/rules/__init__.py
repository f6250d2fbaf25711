"""What kinds of secrets are known: data, one entry a kind.

A kind is added by one line; the tests make examples of it from its shape.
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
