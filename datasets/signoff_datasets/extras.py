"""Packages that only data sets or a hub need: installed with an extra, asked for when used."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final, Literal

from signoff_schemas.errors import MissingProgramError

Extra = Literal["datasets", "ray", "hub"]
NEEDS: Final[dict[Extra, tuple[str, ...]]] = {
    "datasets": ("pyarrow",),
    "ray": ("pyarrow", "ray"),
    "hub": (
        "alembic",
        "boto3",
        "fastapi",
        "joserfc",
        "prometheus_client",
        "psycopg",
        "pyarrow",
        "sqlalchemy",
        "urllib3",
    ),
}
"""Modules, one for each distribution that `pyproject.toml` names for the extra."""


def need(extra: Extra, *, what: str) -> None:
    """Do nothing where the packages of an extra are installed.

    Raises:
        MissingProgramError: one is not; the hint says how to get it.
    """
    missing = [name for name in NEEDS[extra] if find_spec(name) is None]
    if missing:
        raise MissingProgramError(
            f"{what} needs {', '.join(missing)}, which {'is' if len(missing) == 1 else 'are'}"
            " not installed",
            hint=f"Install it with the extra: `pipx install 'signoff[{extra}]'`, "
            f"in a checkout `pipx install '.[{extra}]'`.",
        )
