"""No code of the hub counts, sums or keeps anything by person, but where a reason stands here."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.grouping import Found, grouping

HUB = Path(__file__).resolve().parents[2] / "hub" / "signoff_hub"
ALLOWED = {
    "adopting.adopting.Adopted": (
        "Counter",
        "sign-offs left out of a store, by code of the reason",
    ),
    "api.limits.Uploads.__init__": (
        "Counter",
        "how many uploads are under way now, in memory, forgotten as they end",
    ),
    "building.builds._begin": ("func.max", "the number of the newest version of a data set"),
    "building.grants._purposes": ("distinct", "the purposes of a data set's versions"),
    "building.asked_plans._note": (
        "func.count",
        "plans that a builder asked for; it is only compared",
    ),
    "building.plans._drawn": ("by_person", "whether there are k people: only compared, not told"),
    "building.plans._left_out": (
        "Counter by_person defaultdict",
        "reasons of k people at least, of whom none has a fifth, in one digit and zeros",
    ),
    "building.refreshes._numbered": ("func.max", "the number of the newest version of a data set"),
    "building.source.HubSource._held": ("distinct", "digests of episodes, each once"),
    "building.runs.read_run": (
        "func.count",
        "shards of one run that no readable version has: whole ones, of k people each",
    ),
    "building.uses._contributors": (
        "distinct func.count",
        "whether there are k contributors: it stops counting there, and is only compared",
    ),
    "building.uses._days_read": ("distinct", "days on which a version was read, as a whole"),
    "building.uses.uses_of": ("distinct", "versions that hold what the asker sent"),
    "building.uses.versions_with": ("distinct", "versions that hold one episode, by its digest"),
    "operating.figures.figures_of": (
        "func.count func.sum group_by",
        "by state, reason, kind of job, and what a store keeps; in tens but for jobs that failed",
    ),
    "receiving.blobs": ("func.count func.sum", "the sender's own quota; it is only compared"),
    "receiving.in_datasets.end_in_datasets": ("distinct", "versions that hold one episode"),
    "receiving.parts.forget_old_parts": (
        "func.max group_by having",
        "which uploads stood still for a day, to erase them; neither kept nor told",
    ),
    "receiving.parts.receive_part": ("func.sum", "the sender's own quota; it is only compared"),
    "signing_in.accounts._new_account": ("by_person", "reads a column of one row"),
    "statistics.cells.Tally": ("Counter", "asks whether there are k people, and nobody is most"),
    "statistics.cells.Tally.add": ("Counter by_person", "the same, in memory while it is frozen"),
    "statistics.cells._figures": ("Counter", "gives a figure of at least k, in tens, or none"),
    "statistics.snapshots._tally": ("by_person", "fills that tally; contributors are not kept"),
    "verifying.episodes._check_blob": (
        "by_person",
        "one row's own account, compared with its blob",
    ),
    "verifying.episodes._check_receipt": ("by_person", "one row's own account, named to a check"),
    "verifying.episodes._compare": ("by_person", "one row, compared with what its sender signed"),
    "verifying.rows.read_rows": (
        "func.count",
        "parts and labels of one episode: whether any is left",
    ),
    "verifying.tables._check_keys": (
        "sorted_by_person",
        "keys in order, to name one that is damaged",
    ),
    "withdrawing.sweeping": ("distinct", "digests of episodes whose erasure is due, each once"),
}
"""Where, what of it, and why it measures nobody: a reader has to believe the reason."""


def scanned() -> dict[str, set[str]]:
    """Return what the whole package does of the kind."""
    found: dict[str, set[str]] = {}
    for path in sorted(HUB.rglob("*.py")):
        module = ".".join(path.relative_to(HUB).with_suffix("").parts)
        for one in grouping(path.read_text("utf-8"), module):
            found.setdefault(one.where, set()).add(one.what)
    return found


def test_what_groups_is_named_here_with_its_reason() -> None:
    found = scanned()
    told = {where: set(what.split()) for where, (what, _) in ALLOWED.items()}
    new = {where: what for where, what in found.items() if told.get(where) != what}
    assert new == {}, "say in ALLOWED of tests/hub/test_grouping.py why this measures nobody"
    assert sorted(told.keys() - found.keys()) == [], "these places are gone: take their rows out"
    assert all(len(reason) > 20 for _, reason in ALLOWED.values())


PLANTED = {
    "counted": ("def f(): return select(func.count()).where(A.c.state == 'x')", "func.count"),
    "averaged": ("def f(): return select(func.avg(EPISODE.c.size_bytes))", "func.avg"),
    "grouped": ("def f(): return select(S.c.contributor).group_by(S.c.contributor)", "group_by"),
    "distinct": ("def f(): return select(S.c.account).distinct()", "distinct"),
    "window": ("def f(): return rank.over(partition_by=S.c.fingerprint)", "over"),
    "raw": ("def f(): return text('select account, count(*) from sign_off group by 1')", "sql"),
    "raw list": ("def f(): return text('SELECT contributor FROM sign_off')", "sql"),
    "counter": ("def f(rows): return Counter(one.account for one in rows)", "Counter"),
    "typed counter": ("def f(rows): return Counter[str](one.x for one in rows)", "Counter"),
    "module": ("def f(rows): return collections.Counter(rows)", "Counter"),
    "default": ("def f(): return defaultdict(int)", "defaultdict"),
    "keyed": ("def f(held, row): held[row.contributor] = 1", "by_person"),
    "keyed pair": ("def f(held, row): held[row.day, row.account] = 1", "by_person"),
    "found": ("def f(held, row): held.setdefault(row.fingerprint, []).append(row)", "by_person"),
    "dict": ("def f(rows): return {one.repository: one.size for one in rows}", "by_person"),
    "set": ("def f(rows): return len({one.account for one in rows})", "by_person"),
    "called set": ("def f(rows): return len(set(one.account for one in rows))", "by_person"),
    "ranked": ("def f(): return select(S).order_by(S.c.contributor)", "sorted_by_person"),
    "timed": ("def f(times): return statistics.median(times)", "median"),
    "in a class": ("class A:\n  def f(self): return func.sum(B.c.size_bytes)", "func.sum"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_planted_is_found(name: str) -> None:
    source, what = PLANTED[name]
    where = "planted.A.f" if "class" in source else "planted.f"
    assert Found(where=where, what=what) in grouping(source, "planted")


@pytest.mark.parametrize(
    "source",
    [
        "def f(): '''Counts by account: GROUP BY is what it does not say.'''",
        "def f(): return select(S.c.account).where(S.c.statement == name)",
        "def f(account): return Parts(parts=parts_of(node, account))",
        "def f(held, row): held[row.state] = 1",
    ],
)
def test_what_reads_one_row_or_only_speaks_of_it_is_not(source: str) -> None:
    assert grouping(source, "planted") == frozenset()
