"""Versions of everything that decides the bytes of a data set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_schemas.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping


def versions_here() -> dict[str, str]:
    """Return the versions of this installation."""
    import pyarrow as pa

    from signoff_collector import __version__
    from signoff_collector.levels.levels import LEVELS_VERSION
    from signoff_collector.quality.quality import QUALITY_VERSION
    from signoff_datasets.tables.columns import TABLES_VERSION

    return {
        "levels": str(LEVELS_VERSION),
        "pyarrow": str(pa.__version__),
        "quality": str(QUALITY_VERSION),
        "signoff": __version__,
        "tables": str(TABLES_VERSION),
    }


def refuse_other_versions(planned: Mapping[str, str]) -> None:
    """Refuse to build with other versions than a plan names: the bytes would be others.

    Raises:
        RefusedError: one differs.
    """
    here = versions_here()
    names = sorted({*here, *planned})
    other = [name for name in names if here.get(name) != planned.get(name)]
    if other:
        raise RefusedError(
            f"the plan was drawn with other versions: {', '.join(other)}",
            hint="Install those versions, or draw the plan again with these.",
            details=(
                f"{name}: {planned.get(name, 'none')} in the plan, {here.get(name, 'none')} here"
                for name in other
            ),
        )
