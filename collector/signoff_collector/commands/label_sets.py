"""Several label sets in the terminal: agreement, disagreements, what to look at, signatures."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from signoff_schemas.errors import NotSignedError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from pathlib import Path

    from signoff_collector.labels.comparing import Disagreement
    from signoff_collector.labels.opening import Opened
    from signoff_collector.screen.console import Console


def say_agreement(opened: Opened, console: Console, *, places: Sequence[Path]) -> None:
    """Say how far all labellers together agree, field by field."""
    from signoff_collector.labels.comparing import agreements
    from signoff_collector.labels.opening import with_others

    sets = with_others(opened, places)
    for one in agreements(sets, opened.units.all):
        alpha = "nothing to tell" if one.alpha is None else f"alpha {one.alpha:.3f}"
        units = f"{one.units} unit{'' if one.units == 1 else 's'} labelled by two or more"
        console.say(f"{one.field:<20} {alpha}  ({one.measure}, {units})")
        if console.is_json:
            console.row(
                {
                    "field": one.field,
                    "measure": one.measure,
                    "alpha": one.alpha,
                    "units": one.units,
                    "labellers": len(sets),
                }
            )


def disagreements_with(opened: Opened, places: Sequence[Path]) -> tuple[Disagreement, ...]:
    """Return what labellers see differently."""
    from signoff_collector.labels.comparing import disagreements
    from signoff_collector.labels.opening import with_others

    return tuple(disagreements(with_others(opened, places), opened.units.all))


def say_disagreements(opened: Opened, console: Console, *, places: Sequence[Path]) -> None:
    """Show side by side what labellers see differently, as A, B and so on."""
    from signoff_collector.labels.comparing import letters
    from signoff_collector.labels.units import steps_in_words

    found = disagreements_with(opened, places)
    if not found:
        console.say("nothing is seen differently")
    for one in found:
        names = letters(len(one.values))
        said = dict(zip(names, one.values, strict=True))
        shown = "  ".join(f"{name}: {'-' if v is None else v}" for name, v in said.items())
        console.say(f"{steps_in_words(one.unit.first, one.unit.last)}  {one.field}  {shown}")
        console.say(f"    {one.unit.word} {one.unit.text}", style="dim")
        if console.is_json:
            console.row(
                {
                    "field": one.field,
                    "first": one.unit.first,
                    "last": one.unit.last,
                    "values": said,
                }
            )


def say_queue(opened: Opened, console: Console, *, places: Sequence[Path]) -> None:
    """List what to look at, the least certain first."""
    from signoff_collector.labels.marks import undecided
    from signoff_collector.labels.queue import queue_of
    from signoff_collector.labels.units import steps_in_words

    differing = disagreements_with(opened, places) if places else ()
    waiting = queue_of(differing, undecided(opened.file.marks, opened.proposals))
    if not waiting:
        console.say("nothing waits to be looked at")
    for one in waiting:
        console.say(f"{steps_in_words(one.first, one.last)}  {one.field}  {one.why}")
        if console.is_json:
            console.row(
                {
                    "first": one.first,
                    "last": one.last,
                    "field": one.field,
                    "why": one.why,
                    "proposal": None if one.proposal is None else one.proposal.id,
                }
            )


def verify(opened: Opened, arguments: argparse.Namespace, console: Console) -> None:
    """Check that a label set is of this episode, signed by its labeller, whom somebody vouches for.

    Raises:
        NotSignedError: it is not signed, the signature does not hold, or nobody vouches for it.
        RefusedError: it is of another episode.
    """
    from signoff_collector.consent.signatures.authority import read_allowed_signers
    from signoff_collector.labels.label_file import read_set, refuse_other_episode
    from signoff_collector.labels.signing import label_key, verify_set, vouch_for
    from signoff_collector.own_files.home import resolve_home
    from signoff_collector.system.clock import SystemClock

    content, signature = read_set(arguments.verify)
    if signature is None:
        raise NotSignedError(
            f"{arguments.verify.name} is not signed",
            hint="Its labeller signs it: `signoff label --sign`.",
        )
    signed = verify_set(content, signature)
    refuse_other_episode(signed.found, opened.sha256)
    place: Path | None = arguments.allowed_signers
    vouched = vouch_for(
        signed,
        label_key(resolve_home()).public_key,
        None if place is None else read_allowed_signers(place),
        datetime.fromtimestamp(SystemClock().wall_ns() // 1_000_000_000, UTC),
    )
    count = len(signed.found.labels)
    console.say(f"signature  good: {count} labels, signed by {signed.fingerprint}", style="green")
    word, style = ("good", "green") if vouched.is_so else ("BAD", "bold red")
    console.say(f"authority  {word}: {vouched.fact}", style=style)
    if console.is_json:
        console.row(
            {
                "labels": count,
                "labeller": signed.found.labeller,
                "fingerprint": signed.fingerprint,
                "good": vouched.is_so,
                "fact": vouched.fact,
            }
        )
    if not vouched.is_so:
        raise NotSignedError(f"nobody vouches for these labels: {vouched.fact}")
