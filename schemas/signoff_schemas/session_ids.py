"""The shape of the id of a recorded session; apart from the header, whose models load slowly."""

from __future__ import annotations

from typing import Final

SESSION_ID: Final = r"\d{8}T\d{6}Z-[0-9a-f]{8}"
"""When the session began, in UTC, and eight random hexadecimal digits."""
