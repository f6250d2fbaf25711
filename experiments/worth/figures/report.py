"""The report: Markdown and curves, made of the results alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from experiments.worth.figures.curves import drawn
from experiments.worth.figures.results import ALL
from experiments.worth.figures.verdicts import MARGIN
from experiments.worth.learning.arms import ARMS, CONTROLS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    # What was read from JSON; `results.py` says what is in it.
    Tree = Mapping[str, Any]

UNIT: Final = "bits per character"
KIND_TITLES: Final = {
    "code": "Sessions of code",
    "prose": "Sessions of prose (they count for nothing here)",
    "made": "Made days (a program wrote them: they show that parts work, not that people work so)",
}
LIMITS: Final = (
    "Few developers, few files, and the same file in training and test of the split by time. The"
    " place is given. A mixture rewards copying. A small model is trained for a short time. An"
    " interval is of the judged edits alone: another seed or another developer is not in it. None"
    " of it says what a large model that already saw much code would gain."
)


def report(results: Tree, aside: Tree) -> dict[str, str]:
    """Return the files of the report by name: `worth.md` and its curves.

    Args:
        results: all figures.
        aside: seconds, and whatever else is another in each run.
    """
    curves = {f"worth_{name}.svg": picture for name, picture in _curves(results).items()}
    lines = [
        "# Are traces worth more than code alone?",
        "",
        "Made by `python -m experiments.worth`; the question, the arms and what would count were"
        f" written down before ([protocol](../experiments/worth/protocol.md), SHA-256"
        f" `{results['protocol_sha256']}`). All figures are {UNIT} of inserted text unless another"
        " unit is named; less is better. A difference is `true` less the other, so below 0 is for"
        " `true`; in brackets stands its 95 % interval.",
        "",
        *_head(results),
        *_verdicts("Verdicts", results["verdicts"]),
        *_verdicts("Verdicts, the session held out", results["held_verdicts"]),
    ]
    for kind, title in KIND_TITLES.items():
        tables = {
            name: family[kind] for name, family in results["families"].items() if kind in family
        }
        if tables:
            lines += [f"## {title}", ""]
            for name, table in tables.items():
                lines += _family(f"{name} ({results['settings'][name]})", table)
    lines += [*_pictures(curves), *_places(results["places"]), *_after_red(results["after_red"])]
    lines += [*_short(results), "## What it cannot show", "", LIMITS, ""]
    lines += _ran(results, aside)
    return {"worth.md": "\n".join(lines).rstrip("\n") + "\n", **curves}


def _head(results: Tree) -> list[str]:
    """Return what has to stand before any figure: controls that failed."""
    failed = [
        f"**A control failed: {control['name']}, {_contrast(control, 5)}, in the family {name}."
        " Every figure of that family is void.**"
        for name, family in results["families"].items()
        for control in family.get("code", {}).get("controls", ())
        if control["failed"]
    ]
    return [line for one in failed for line in (one, "")]


def _verdicts(title: str, verdicts: Tree) -> list[str]:
    if not verdicts:
        return []
    names = list(dict.fromkeys(name for one in verdicts.values() for name in one["families"]))
    rows = [
        [_unit(unit), f"**{one['outcome']}**", one["why"]]
        + [_of_family(one["families"].get(name)) for name in names]
        for unit, one in verdicts.items()
    ]
    return [f"## {title}", "", *_table(["session", "outcome", "why", *names], rows)]


def _of_family(told: Tree | None) -> str:
    if told is None:
        return "not run"
    return f"void ({told['outcome']})" if told["void"] else str(told["outcome"])


def _family(title: str, table: Tree) -> list[str]:
    bits: Tree = table["bits"]
    units = list(bits["true"])
    lines = [f"### {title}", ""]
    lines += _table(
        ["arm", *map(_unit, units)],
        [[f"`{arm}`", *[f"{rates[unit]:.3f}" for unit in units]] for arm, rates in _by_arm(bits)],
    )
    lines += _contrasts("`true` less", table["contrasts"], units)
    lines += ["Each arm asked in its own form of prompt:", ""]
    own: Tree = table["own"]
    lines += _table(
        ["arm", *map(_unit, units)],
        [[f"`{arm}`", *[f"{rates[unit]:.3f}" for unit in units]] for arm, rates in _by_arm(own)],
    )
    lines += _contrasts("`true` less, own form", table["own_contrasts"], units)
    if table["controls"]:
        rows = [
            [one["name"], _contrast(one, 5), "**failed**" if one["failed"] else f"within ±{MARGIN}"]
            for one in table["controls"]
        ]
        lines += _table(["control", "difference", "result"], rows)
    if "exact" in table:
        rows = [
            [f"`{arm}`", *[f"{100 * rates[unit]:.1f} %" for unit in units]]
            for arm, rates in _by_arm(table["exact"])
        ]
        lines += ["Texts that were met exactly:", "", *_table(["arm", *map(_unit, units)], rows)]
    if len(table["learning"]) > 1:
        rows = [
            [share, f"`{arm}`", *[f"{rates[unit]:.3f}" for unit in units]]
            for share, arms in table["learning"].items()
            for arm, rates in _by_arm(arms)
        ]
        lines += [
            "Learning curve, by the share of the training part that is used, the latest of it"
            " (the characters that are read stay the same):",
            "",
            *_table(["share", "arm", *map(_unit, units)], rows),
        ]
    if table["ablations"]:
        rows = [
            [f"without {name}", *[_contrast(told[unit]) for unit in units]]
            for name, told in table["ablations"].items()
        ]
        lines += _table(["ablation less `true`", *map(_unit, units)], rows)
    for name, held in table["held"].items():
        rows = [
            [f"`{arm}`", f"{rates[ALL]:.3f}", _contrast(held["contrasts"][arm][ALL])]
            if arm in held["contrasts"]
            else [f"`{arm}`", f"{rates[ALL]:.3f}", ""]
            for arm, rates in _by_arm(held["bits"])
        ]
        lines += [f"`{name}` held out, trained on the others:", ""]
        lines += _table(["arm", UNIT, "`true` less this"], rows)
    return lines


def _contrasts(title: str, contrasts: Tree, units: list[str]) -> list[str]:
    rows = [
        [f"`{arm}`", *[_contrast(told[unit]) for unit in units]] for arm, told in _by_arm(contrasts)
    ]
    return _table([title, *map(_unit, units)], rows)


def _places(places: Tree) -> list[str]:
    rows = [
        [
            *(name, f"`{arm}`", str(one["edits"]), _share(one["top_1"]), _share(one["top_5"])),
            f"{one['bits']:.2f}",
        ]
        for sessions in places.values()
        for name, arms in sessions.items()
        for arm, one in _by_arm(arms)
    ]
    heads = ["session", "arm", "edits", "first", "among five", "bits of a place"]
    note = "Where the next edit begins, in buckets of 8 lines of its file:"
    return ["## Places", "", note, "", *_table(heads, rows)] if rows else []


def _after_red(told: Tree) -> list[str]:
    rows = [
        [
            *(source, split, f"{which} actions before", str(one["actions"]), _share(one["right"])),
            "one was never seen" if one["bits"] is None else f"{one['bits']:.2f}",
        ]
        for source, splits in told.items()
        for split, models in splits.items()
        for which, one in models.items()
    ]
    heads = ["source", "split", "known", "actions", "right", "bits of a kind"]
    return ["## What follows a failing test", "", *_table(heads, rows)] if rows else []


def _short(results: Tree) -> list[str]:
    lines = [f"- {one}" for one in results["shortfalls"]]
    return ["## What fell short", "", *(lines or ["Nothing was noticed."]), ""]


def _ran(results: Tree, aside: Tree) -> list[str]:
    columns = {
        "session": "name",
        **{name: name for name in ("source", "kind", "bursts")},
        "edits to train": "trained_edits",
        "their characters": "trained_characters",
        "edits to judge": "judged_edits",
        "characters to judge": "judged_characters",
    }
    rows = [[str(one[key]) for key in columns.values()] for one in results["sessions"]]
    said = {
        "seeds": results["seeds"],
        "settings": results["settings"],
        "versions": results["versions"],
        **results["facts"],
        "seconds": aside["seconds"],
        **(aside["differs"] or {}),
    }
    told = [[name, _told(value)] for name, value in said.items()]
    return ["## What was run", "", *_table([*columns], rows), *_table(["", ""], told)]


def _curves(results: Tree) -> dict[str, str]:
    """Return the pictures: what is learned with more data, and how training went."""
    found: dict[str, str] = {}
    for name, family in results["families"].items():
        table = family.get("code", {})
        if len(table.get("learning", {})) > 1:
            lines = {
                arm: [(float(share), arms[arm][ALL]) for share, arms in table["learning"].items()]
                for arm in table["learning"]["1.0"]
            }
            title = f"{name}: all sessions of code"
            found[f"learning_{name}"] = drawn(title, "share of the training part", UNIT, lines)
        if table.get("losses"):
            lines = {arm: list(enumerate(losses, 1)) for arm, losses in table["losses"].items()}
            found[f"losses_{name}"] = drawn(f"{name}: training", "step", "loss, nats a byte", lines)
    return found


def _pictures(names: Iterable[str]) -> list[str]:
    lines = [f"![{name.removesuffix('.svg').replace('_', ' ')}]({name})" for name in names]
    return ["## Curves", "", *lines, ""] if lines else []


def _contrast(told: Tree, digits: int = 3) -> str:
    difference, low, high = [f"{told[name]:+.{digits}f}" for name in ("difference", "low", "high")]
    return f"{difference} [{low}, {high}]"


def _by_arm(table: Tree) -> list[tuple[str, Any]]:
    """Return a table's arms in the protocol's order."""
    return [(arm, table[arm]) for arm in (*ARMS, *CONTROLS) if arm in table]


def _share(value: float) -> str:
    return f"{100 * value:.1f} %"


def _unit(name: str) -> str:
    return "all together" if name == ALL else name


def _told(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_told(one)}" for name, one in value.items())
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def _table(heads: list[str], rows: list[list[str]]) -> list[str]:
    """Return a Markdown table and an empty line; nothing without rows."""
    safe: Callable[[str], str] = lambda text: text.replace("|", "\\|")  # noqa: E731
    lines = [[*map(safe, row)] for row in (heads, ["---"] * len(heads), *rows)]
    return [*[f"| {' | '.join(line)} |" for line in lines], ""] if rows else []
