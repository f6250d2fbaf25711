"""Packages that only a part of Signoff needs: installed with an extra, asked for when used."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final, Literal

from signoff_schemas.errors import MissingProgramError

Extra = Literal["datasets", "hub", "labels", "pictures", "ray", "s3", "seal"]
NEEDS: Final[dict[Extra, tuple[str, ...]]] = {
    "datasets": ("pyarrow",),
    "hub": (
        "alembic",
        "boto3",
        "fastapi",
        "joserfc",
        "obstore",
        "prometheus_client",
        "psycopg",
        "pyarrow",
        "sqlalchemy",
        "urllib3",
    ),
    "labels": ("yaml",),
    "pictures": ("PIL", "av", "fontpkg_jetbrains_mono"),
    "ray": ("pyarrow", "ray"),
    "s3": ("obstore",),
    "seal": ("re2", "kingfisher_sdk"),
}
"""Modules, one for each distribution that `pyproject.toml` names for the extra."""
CALLED: Final = {
    "PIL": "pillow",
    "fontpkg_jetbrains_mono": "fontpkg-jetbrains-mono",
    "kingfisher_sdk": "kingfisher-secret-scanner",
    "re2": "google-re2",
    "yaml": "pyyaml",
}
"""Distributions that are not named after their module."""
_WITH_SEAL: Final = frozenset({"datasets", "labels", "pictures", "s3"})
"""Extras for the machine of a person who records: installing again must not lose the engines."""


def missing(extra: Extra) -> list[str]:
    """Return what of an extra is not installed, by distribution; nothing of it is loaded."""
    return [CALLED.get(name, name) for name in NEEDS[extra] if find_spec(name) is None]


def how_to_install(extra: Extra) -> str:
    """Return the sentence that says how to get an extra."""
    extras = f"seal,{extra}" if extra in _WITH_SEAL else extra
    return (
        f"Install it with the extra: `pipx install --force 'signoff[{extras}]'`, "
        f"in a checkout `pipx install --force '.[{extras}]'`."
    )


def need(extra: Extra, *, what: str) -> None:
    """Do nothing where the packages of an extra are installed.

    Raises:
        MissingProgramError: one is not; the hint says how to get it.
    """
    absent = missing(extra)
    if absent:
        raise MissingProgramError(
            f"{what} needs {', '.join(absent)}, which {'is' if len(absent) == 1 else 'are'}"
            " not installed",
            hint=how_to_install(extra),
        )
