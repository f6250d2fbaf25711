"""An instance by SWE-bench's names: the row, and the files of its folder in a task repository."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from signoff_datasets.exports.swebench.verifying import Lists, script_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_datasets.exports.swebench.candidates import Candidate
    from signoff_schemas.header import EpisodeHeader

EXPORT_VERSION: Final = 2
SPLIT: Final = "test"
_NOT_PLAIN: Final = re.compile(r"[^A-Za-z0-9._-]+")
_VERSION: Final = re.compile(r"\d+\.\d+(?:\.\d+)?")
_PACKAGE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_PACKAGE_VERSION: Final = re.compile(r"[0-9][A-Za-z0-9.!+_-]*")
_MOST_SHOWN: Final = 1000
"""Characters of a recorded command in a comment: builders refuse a line of 64 KiB."""
_NO_DAY: Final = "1970-01-01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One task of one episode; its lists are there once they were found by running."""

    candidate: Candidate
    header: EpisodeHeader
    sha256: str
    """Of the episode."""
    lists: Lists | None = None

    @property
    def repo(self) -> str:
        """Owner and name, or the pseudonym of the workspace where the repository is not named."""
        url = self.header.base.repository
        parts = [] if url is None else [one for one in urlsplit(url).path.split("/") if one]
        names = [_plain(one.removesuffix(".git")) for one in parts[-2:]]
        return "/".join(names) if len(names) == 2 else f"signoff/{_plain(self.header.workspace)}"

    @property
    def instance_id(self) -> str:
        """The id: also the name of its folder and, in lower case, of its image."""
        place = f"{self.sha256[:12]}.t{self.candidate.task.number}"
        return f"{self.repo.replace('/', '__')}-{place}"

    @property
    def eval_script(self) -> str:
        """The script that the harness runs."""
        return script_of(self.candidate, "/testbed")

    def row(self) -> dict[str, str]:
        """Return the row of a data set, in which both lists are JSON strings.

        Raises:
            ValueError: there are no lists: a bug of ours.
        """
        lists = self._lists()
        return {
            **self.task_fields(),
            "problem_statement": self.candidate.task.statement,
            "hints_text": "",
            "patch": self.candidate.patch,
            "test_patch": self.candidate.test_patch,
            "FAIL_TO_PASS": json.dumps(lists.fail_to_pass),
            "PASS_TO_PASS": json.dumps(lists.pass_to_pass),
            "eval_script": self.eval_script,
        }

    def task_fields(self) -> dict[str, str]:
        """Return the short fields of an instance."""
        image = f"sweb.eval.x86_64.{self.instance_id}:latest".lower()
        return {
            "instance_id": self.instance_id,
            "repo": self.repo,
            "base_commit": self.candidate.base_commit,
            "environment_setup_commit": self.candidate.base_commit,
            "created_at": f"{self.header.captured_on or _NO_DAY}T00:00:00Z",
            "version": f"episode-{self.sha256[:12]}",
            "image": f"swebench/{image}".replace("__", "_1776_"),
            "log_parser": "parse_log_pytest",
            "eval_type": "pass_and_fail",
            "split": SPLIT,
        }

    def files(self, dataset: str) -> dict[str, str]:
        """Return the files of its folder by name; with lists, those that SWE-bench wants."""
        found = {
            "problem_statement.md": self.candidate.task.statement,
            "gold.patch": self.candidate.patch,
            "test.patch": self.candidate.test_patch,
            "eval.sh": self.eval_script,
            "Dockerfile": self.dockerfile(),
            "signoff.json": _json(self.origin()),
        }
        if self.lists is not None:
            beside = self.candidate.around.services
            services = {} if beside is None else {"services": list(beside)}
            fields = {**self.task_fields(), **services, "datasets": [dataset]}
            found["task.yaml"] = _json(fields)
            lists = {
                "FAIL_TO_PASS": list(self.lists.fail_to_pass),
                "PASS_TO_PASS": list(self.lists.pass_to_pass),
            }
            found["tests.json"] = _json(lists)
        return found

    def origin(self) -> dict[str, object]:
        """Return where it comes from, and how its lists were found."""
        one, base = self.candidate, self.header.base
        told: dict[str, object] = {
            "export_version": EXPORT_VERSION,
            "instance_id": self.instance_id,
            "episode_sha256": self.sha256,
            "seq": [one.task.first, one.task.last],
            "licence": base.spdx,
            "python": one.around.interpreters.get("python"),
            "packages": dict(sorted(self._recorded_packages().items())),
            "unnamed_packages": one.around.unnamed,
            "services": None if one.around.services is None else list(one.around.services),
            "recorded_set_up": [asdict(line) for line in one.around.set_up],
            "selection": list(one.selection),
            "verified": self.lists is not None,
        }
        if self.lists is None:
            told["recorded_fail_to_pass"] = list(one.fail_to_pass)
            told["recorded_pass_to_pass"] = list(one.pass_to_pass)
            return told
        found = {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self.lists).items()
        }
        return {**told, "runs": found}

    def dockerfile(self) -> str:
        """Return the image: the interpreter, its packages, and one commit without its history.

        What else was recorded stands in comments: nothing of it is ever run.
        """
        one, url = self.candidate, self.header.base.repository
        python = one.around.interpreters.get("python", "")
        commit = one.base_commit
        take = "COPY repository /testbed"
        if url is not None:
            take = (
                "RUN git init -q /testbed && cd /testbed"
                f" && git fetch -q --depth 1 {shlex.quote(url)} {commit}"
                " && git checkout -q --detach FETCH_HEAD && rm .git/FETCH_HEAD"
            )
        return "\n".join(
            [
                f"FROM python:{python if _VERSION.fullmatch(python) else '3'}-slim",
                "RUN apt-get update && apt-get install -y --no-install-recommends git"
                " && rm -rf /var/lib/apt/lists/*",
                *self._installing(),
                *self._comments(),
                f"# One commit, without what came after it: {commit}",
                take,
                "WORKDIR /testbed",
                "",
            ]
        )

    def _recorded_packages(self) -> dict[str, str]:
        return {"pytest": self.candidate.pytest or ""} | self.candidate.around.packages

    def _installing(self) -> Iterator[str]:
        packages = [
            shlex.quote(f"{name}=={version}")
            for name, version in sorted(self._recorded_packages().items())
            if _PACKAGE.fullmatch(name) and _PACKAGE_VERSION.fullmatch(version)
        ]
        if packages:
            yield "# Packages as recorded, not verified: check that each is the one you mean."
            yield " \\\n    ".join(["RUN pip install --no-cache-dir", *packages])

    def _comments(self) -> Iterator[str]:
        """Yield what was recorded beside the packages, a comment each."""
        around = self.candidate.around
        if around.services:
            beside = ", ".join(around.services)
            yield f"# Listened beside the recorded runs, not in this image: {beside}"
        if around.set_up:
            yield "# Recorded before the first test run, not verified, not run here (JSON strings):"
        for one in around.set_up:
            cut = len(one.line) - _MOST_SHOWN
            more = f" and {cut} characters, in signoff.json" if cut > 0 else ""
            yield f"# - {json.dumps(one.line[:_MOST_SHOWN])}{more}"

    def _lists(self) -> Lists:
        if self.lists is None:
            raise ValueError("an instance that was not run has no lists")
        return self.lists


def _plain(name: str) -> str:
    return _NOT_PLAIN.sub("-", name).strip("-.") or "unknown"


def _json(value: object) -> str:
    """Return JSON, which is YAML too; nothing is escaped, since YAML knows no pairs of escapes."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
