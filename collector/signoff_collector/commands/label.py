"""`signoff label`: say of steps and spans of an episode what they were."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_schemas.errors import NotFoundError, UsageError
from signoff_schemas.labels import ScaleField, TagField

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from signoff_collector.labels.opening import Opened
    from signoff_collector.screen.console import Console
    from signoff_schemas.labels import Label, LabelField, ProposedLabel, Value

SUMMARY: Final = "Label steps and spans of an episode; labels lie beside it and are never sent."
EXAMPLE: Final = "signoff label last"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument(
        "episode",
        nargs="?",
        default="last",
        metavar="EPISODE",
        help="a path or an id prefix; else the last one made",
    )
    add_deeds(parser)
    parser.add_argument(
        "--allowed-signers", type=Path, metavar="FILE", help="with --verify: who may sign"
    )


def add_deeds(parser: argparse.ArgumentParser) -> None:
    """Declare what can be done with an episode and its labels."""
    parser.add_argument(
        "--schema", type=Path, metavar="FILE", help="which labels there are, in YAML or JSON"
    )
    deed = parser.add_mutually_exclusive_group()
    deed.add_argument("--fields", action="store_true", help="list what can be said")
    deed.add_argument("--list", action="store_true", help="list your labels")
    deed.add_argument("--set", metavar="FIELD=VALUE", help="set one label, at --at")
    deed.add_argument("--remove", metavar="FIELD", help="remove one label, at --at")
    deed.add_argument("--propose", action="store_true", help="list what rules propose, and why")
    deed.add_argument("--accept", metavar="ID", help="make a proposed label yours")
    deed.add_argument("--reject", metavar="ID", help="turn a proposed label down")
    deed.add_argument("--sign", action="store_true", help="sign your labels with your key for them")
    deed.add_argument("--verify", type=Path, metavar="SET", help="check a signed label set")
    for name, words in (
        ("queue", "list what to look at, the least certain first"),
        ("agreement", "Krippendorff's alpha of each field, over yours and these label sets"),
        ("compare", "what these labellers and you see differently, side by side"),
    ):
        deed.add_argument(f"--{name}", nargs="*", type=Path, metavar="SET", help=words)
    deed.add_argument(
        "--export", choices=["label-studio"], help="write a task for Label Studio, with -o"
    )
    deed.add_argument(
        "--import", dest="taken", type=Path, metavar="FILE", help="take labels from Label Studio"
    )
    parser.add_argument("--at", metavar="A", help="the step, written as for `replay --at`")
    parser.add_argument("--to", metavar="A", help="the last step of a span that begins at --at")
    parser.add_argument("-o", "--output", type=Path, metavar="OUT", help="the folder to write")
    parser.add_argument(
        "--annotation", type=int, metavar="N", help="with --import: which one, from 1"
    )
    parser.add_argument(
        "--with",
        dest="others",
        nargs="+",
        type=Path,
        default=(),
        metavar="SET",
        help="label sets of others; what you see differently is looked at first",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Open the episode and its labels, and do what was asked."""
    return act(open_named(arguments.episode, arguments.schema, console), arguments, console)


def act(opened: Opened, arguments: argparse.Namespace, console: Console) -> int:
    """Do what was asked; without a deed open the player."""
    if arguments.fields:
        _say_fields(opened, console)
    elif arguments.list:
        _say_labels(opened.file.marks.labels, console)
    elif arguments.set is not None or arguments.remove is not None:
        _set_or_remove(opened, arguments, console)
    elif arguments.propose:
        _say_proposals(opened, console)
    elif arguments.accept is not None or arguments.reject is not None:
        _decide(opened, arguments, console)
    elif arguments.sign:
        _sign(opened, console)
    elif arguments.export is not None or arguments.taken is not None:
        from signoff_collector.commands.label_studio import export_tasks, import_tasks

        act = export_tasks if arguments.export is not None else import_tasks
        act(opened, arguments, console)
    elif arguments.verify is not None:
        from signoff_collector.commands.label_sets import verify

        verify(opened, arguments, console)
    elif (asked := _compared(arguments)) is not None:
        asked(opened, console)
    else:
        _play(opened, arguments, console)
    return 0


def _compared(arguments: argparse.Namespace) -> Callable[[Opened, Console], None] | None:
    from functools import partial

    from signoff_collector.commands import label_sets

    if arguments.queue is not None:
        return partial(label_sets.say_queue, places=arguments.queue)
    if arguments.agreement is not None:
        return partial(label_sets.say_agreement, places=arguments.agreement)
    if arguments.compare is not None:
        return partial(label_sets.say_disagreements, places=arguments.compare)
    return None


def open_named(name: str, schema: Path | None, console: Console) -> Opened:
    """Open a named episode and its labels, under the schema in a file where one is named."""
    from signoff_collector.history.on_screen import screen_mask
    from signoff_collector.labels.opening import open_labels
    from signoff_collector.labels.schema_files import read_schema
    from signoff_collector.own_files.home import resolve_home
    from signoff_collector.system.clock import SystemClock

    home = resolve_home()
    mask = screen_mask(home, None, is_raw=False)
    chosen = None if schema is None else read_schema(schema, mask=mask)
    with console.counting("Reading the recording"):
        return open_labels(home, name, chosen=chosen, mask=mask, clock=SystemClock())


def _say_fields(opened: Opened, console: Console) -> None:
    schema = opened.file.schema
    console.say(f"label schema {schema.name}, {schema.sha256[:12]}", style="bold")
    for field in schema.fields:
        words = f"  {field.words}" if field.words else ""
        console.say(f"  {field.name}: {_values_in_words(field)}{words}")
        if console.is_json:
            console.row(
                {
                    "field": field.name,
                    "kind": field.kind,
                    "where": field.where,
                    "values": [v.name for v in field.values] if isinstance(field, TagField) else [],
                    "schema": schema.name,
                    "schema_sha256": schema.sha256,
                }
            )


def _values_in_words(field: LabelField) -> str:
    if isinstance(field, TagField):
        return ", ".join(one.name for one in field.values)
    if isinstance(field, ScaleField):
        return f"{field.lowest} to {field.highest}"
    return f"up to {field.longest} characters"


def _say_labels(labels: tuple[Label, ...], console: Console) -> None:
    from signoff_collector.labels.units import steps_in_words

    if not labels:
        console.say("nothing is labelled yet")
    for label in labels:
        accepted = label.accepted
        told = "" if accepted is None else f"  (proposed by {accepted.rule}, accepted)"
        console.say(f"{steps_in_words(label.first, label.last)}  {label.field} {label.value}{told}")
        if console.is_json:
            console.row(label.model_dump(mode="json", exclude={"tool", "version", "accepted"}))


def _set_or_remove(opened: Opened, arguments: argparse.Namespace, console: Console) -> None:
    from signoff_collector.labels.units import steps_in_words

    first, last = _span(opened, arguments)
    if arguments.remove is not None:
        if not opened.file.remove((first, last, arguments.remove)):
            raise NotFoundError(
                f"nothing is said of {steps_in_words(first, last).strip()} in that field",
                hint="`signoff label --list` lists the labels.",
            )
        console.say("removed")
        if console.is_json:
            row = {"field": arguments.remove, "first": first, "last": last, "removed": True}
            console.row(row)
        return
    name, is_given, text = arguments.set.partition("=")
    if not is_given:
        raise UsageError("--set needs a field and a value", hint="--set judgement=good")
    label = opened.file.set_label(name, _value(opened, name, text), first, last)
    _say_labels((label,), console)


def _value(opened: Opened, name: str, text: str) -> Value:
    is_number = isinstance(opened.file.schema.field(name), ScaleField)
    return int(text) if is_number and text.lstrip("-").isdecimal() and len(text) < 9 else text


def _span(opened: Opened, arguments: argparse.Namespace) -> tuple[int, int]:
    """Return the steps that were named; without `--to` the burst or step at `--at`."""
    if arguments.at is None:
        raise UsageError("--set and --remove need --at", hint="--at step:12 --to step:40")
    first = _seq(opened, arguments.at)
    if arguments.to is not None:
        return first, _seq(opened, arguments.to)
    unit = opened.units.at(first)
    return (first, first) if unit is None else (unit.first, unit.last)


def _seq(opened: Opened, text: str) -> int:
    from signoff_collector.commands.words import at_in
    from signoff_collector.episode.resolving import resolve_at
    from signoff_schemas.at import parse_at

    return resolve_at(opened.episode, parse_at(at_in(opened.episode, text)))


def _say_proposals(opened: Opened, console: Console) -> None:
    from signoff_collector.labels.marks import undecided
    from signoff_collector.labels.units import steps_in_words

    waiting = undecided(opened.file.marks, opened.proposals)
    if not waiting:
        console.say("nothing is proposed, or all of it is decided")
    for one in waiting:
        steps = steps_in_words(one.first, one.last)
        console.say(f"{one.id}  {steps}  {one.field} {one.value}: {one.reason}")
        if console.is_json:
            console.row({"id": one.id, **one.model_dump(mode="json")})


def _decide(opened: Opened, arguments: argparse.Namespace, console: Console) -> None:
    named: str = arguments.accept if arguments.accept is not None else arguments.reject
    proposal = _proposal(opened, named)
    deed = opened.file.accept if arguments.accept is not None else opened.file.reject
    deed(proposal)
    words = "accepted" if arguments.accept is not None else "turned down"
    console.say(f"{words}: {proposal.field} {proposal.value}")
    if console.is_json:
        console.row({"id": proposal.id, "decision": words.replace(" ", "_")})


def _proposal(opened: Opened, named: str) -> ProposedLabel:
    found = [one for one in opened.proposals if one.id == named]
    if not found:
        raise NotFoundError(
            "no rule proposes that here", hint="`signoff label --propose` lists the ids."
        )
    return found[0]


def _sign(opened: Opened, console: Console) -> None:
    place = opened.file.sign()
    count = len(opened.file.marks.labels)
    console.say(f"{place}: signed, {count} label{'' if count == 1 else 's'}; nothing was sent")
    if console.is_json:
        console.row(
            {
                "path": str(opened.file.path.resolve()),
                "signature": str(place.resolve()),
                "labels": count,
                "labeller": opened.file.found.labeller,
            }
        )


def _play(opened: Opened, arguments: argparse.Namespace, console: Console) -> None:
    """Open the player, where there is a screen.

    Raises:
        UsageError: there is none.
    """
    from signoff_collector.commands.label_sets import disagreements_with
    from signoff_collector.commands.replay import has_screen
    from signoff_collector.labels.screens.opening import show_labeller
    from signoff_collector.replay.naming import project_name

    if console.is_json or not has_screen(console):
        raise UsageError(
            "the player that labels needs a terminal",
            hint="Without one: `signoff label EPISODE --set FIELD=VALUE --at step:12`.",
        )
    differing = disagreements_with(opened, arguments.others) if arguments.others else ()
    show_labeller(
        opened,
        differing=differing,
        project=project_name(str(opened.path), opened.data),
        first_seq=None if arguments.at is None else _seq(opened, arguments.at),
    )
    file, count = opened.file, len(opened.file.marks.labels)
    if file.exists:
        signed = "signed" if file.is_signed else "not signed: `signoff label --sign`"
        console.say(f"{file.path}: {count} label{'' if count == 1 else 's'}, {signed}")
