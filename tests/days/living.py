"""Lives through one day, asks the verbs again and again, and makes a bad day short."""

from __future__ import annotations

from pathlib import Path

from tests.days.day import Day, day
from tests.days.deeds import Deed
from tests.days.lies import Lie, lies


def live(
    folder: Path,
    deeds: tuple[Deed, ...],
    *,
    has_git: bool,
    every: int = 4,
    is_sealed: bool = False,
) -> tuple[list[Lie], list[str]]:
    """Live through a day.

    Args:
        folder: a place of its own.
        deeds: what is done.
        has_git: whether the project is a repository.
        every: after so many deeds the verbs are asked; and at the end, and when it is over.
        is_sealed: ask once more when only the sealed episode is left.

    Returns:
        The lies, of those about the same thing the first, and what was done.
    """
    found: dict[tuple[str, str], Lie] = {}

    def look(one: Day, *, is_thorough: bool) -> None:
        if one.truth.is_silent and not one.is_over:
            return  # a verb tells how things were when the pause began
        for lie in lies(one, is_thorough=is_thorough):
            if (lie.kind, lie.about) not in found:
                found[lie.kind, lie.about] = lie
                one.log.append(f"{one.world.ms:>8} ms      LIE {lie}")

    with day(folder, has_git=has_git) as one:
        for number, deed in enumerate(deeds, 1):
            one.do(deed)
            if number % every == 0 and number < len(deeds):
                one.pass_time(6_000)
                look(one, is_thorough=False)
        one.pass_time(6_000)
        look(one, is_thorough=True)
        one.stop()
        look(one, is_thorough=True)
        if is_sealed:
            one.seal()
            look(one, is_thorough=True)
    return list(found.values()), one.log


def shortened(
    folder: Path,
    deeds: tuple[Deed, ...],
    kind: str,
    *,
    has_git: bool,
    every: int = 4,
    is_sealed: bool = False,
) -> tuple[Deed, ...]:
    """Leave out deeds as long as a lie of this kind is told."""

    def still(left: tuple[Deed, ...]) -> bool:
        found, _ = live(folder, left, has_git=has_git, every=every, is_sealed=is_sealed)
        return any(one.kind == kind for one in found)

    size = len(deeds) // 2
    while size:
        at = 0
        while at < len(deeds):
            left = deeds[:at] + deeds[at + size :]
            if still(left):
                deeds = left
            else:
                at += size
        size //= 2
    return deeds
