"""Which commands set something up: tables of programs and their first words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from signoff_collector.text.command_lines import split_line, without_prefixes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

What = Literal["packages", "environment", "services", "database", "project"]
"""`environment` is an interpreter or its folder, `project` a goal of the project's own."""

_ALONE: Final[Mapping[str, What]] = {
    "virtualenv": "environment", "venv": "environment", "createdb": "database",
    "initdb": "database", "redis-server": "services", "mongod": "services", "minio": "services",
    "mysqld": "services", "postgres": "services",
}  # fmt: skip
"""Programs that do nothing else."""
_WORDS: Final[Mapping[str, Mapping[What, str]]] = {
    "pip": {"packages": "install"},
    "pipx": {"packages": "install"},
    "uv": {"packages": "sync add", "environment": "venv"},
    "poetry": {"packages": "install add sync update"},
    "pdm": {"packages": "install sync add update"},
    "pipenv": {"packages": "install sync"},
    "hatch": {"environment": "env"},
    "conda": {"packages": "install update", "environment": "create env"},
    "pyenv": {"environment": "install local shell"},
    "npm": {"packages": "ci install i add"},
    "pnpm": {"packages": "install i add"},
    "yarn": {"packages": "install add"},
    "bun": {"packages": "install add"},
    "playwright": {"packages": "install"},
    "nvm": {"environment": "install use"},
    "asdf": {"environment": "install"},
    "mise": {"environment": "install use"},
    "cargo": {"packages": "fetch add install"},
    "rustup": {"environment": "install default update target toolchain component"},
    "go": {"packages": "get mod install"},
    "bundle": {"packages": "install update"},
    "gem": {"packages": "install"},
    "composer": {"packages": "install update require"},
    "mix": {"packages": "deps.get", "database": "ecto.create ecto.migrate ecto.setup"},
    "dotnet": {"packages": "restore add"},
    "apt": {"packages": "install"},
    "apk": {"packages": "add"},
    "dnf": {"packages": "install"},
    "brew": {"packages": "install", "services": "services"},
    "docker": {"services": "run start"},
    "docker-compose": {"services": "up start"},
    "systemctl": {"services": "start restart"},
    "service": {"services": "start restart"},
    "pg_ctl": {"services": "start restart"},
    "minikube": {"services": "start"},
    "vagrant": {"services": "up"},
    "alembic": {"database": "upgrade"},
    "manage.py": {"database": "migrate loaddata"},
    "flask": {"database": "db"},
    "rails": {"database": "db:create db:migrate db:seed db:setup db:prepare db:schema:load"},
    "prisma": {"database": "migrate db generate"},
    "knex": {"database": "migrate:latest seed:run"},
    "sequelize": {"database": "db:create db:migrate db:seed:all"},
    "flyway": {"database": "migrate"},
    "liquibase": {"database": "update"},
    "dbmate": {"database": "up migrate"},
    "goose": {"database": "up"},
    "diesel": {"database": "setup migration"},
    "sqlx": {"database": "database migrate"},
    "make": {"project": "setup install deps dependencies bootstrap init migrate seed db services"},
}
"""Programs that set something up if their first words say so."""
_SAME: Final[Mapping[str, str]] = {
    "pip3": "pip", "mamba": "conda", "micromamba": "conda", "apt-get": "apt", "yum": "dnf",
    "podman": "docker", "podman-compose": "docker-compose", "rake": "rails", "gmake": "make",
    "just": "make", "task": "make", "django-admin": "manage.py",
    "artisan": "manage.py",
}  # fmt: skip
"""Programs with the words of another."""
_TWO: Final[Mapping[tuple[str, str], str]] = {
    ("docker", "compose"): "docker-compose",
    ("podman", "compose"): "docker-compose",
    ("uv", "pip"): "pip",
    ("uv", "python"): "pyenv",
}
"""Programs whose first word makes them another one."""
_LATE: Final = frozenset({"docker-compose", "alembic", "make", "systemctl", "service", "pg_ctl"})
"""Programs whose word may come late, behind the value of an option or the name of a service."""
_MOST: Final = 4
_RUNNERS: Final = frozenset({"run", "exec", "x"})
_RUNNING: Final = frozenset(
    {"uv", "poetry", "pdm", "pipenv", "bundle", "npm", "pnpm", "yarn", "bun"}
)
_INTERPRETERS: Final = ("python", "php", "node", "ruby")
_SCRIPTS: Final = ("manage.py", "artisan")
"""Files of a project that are programs of its framework."""


def sets_up(line: str) -> What | None:
    """Return what a command line set up first; None for one that set up nothing."""
    return next(filter(None, (what_of(one.words) for one in split_line(line))), None)


def what_of(words: Sequence[str]) -> What | None:
    """Return what one simple command sets up."""
    is_script = False
    while bare := without_prefixes(words):
        name, named = bare[0], [word for word in bare[1:] if not word.startswith("-")]
        first = named[0] if named else ""
        if name.startswith(_INTERPRETERS) and bare[1:2] == ("-m",):
            words = bare[2:]
        elif name.startswith(_INTERPRETERS):
            words = bare[1:] if first.endswith(_SCRIPTS) else ()
        elif name == "npx" or (name in _RUNNING and first in _RUNNERS):
            words = bare[1 if name == "npx" else bare.index(first) + 1 :]
            is_script = True
        else:
            return _set_up_by(name, named) or (_said("make", [name]) if is_script else None)
    return None


def _set_up_by(name: str, named: Sequence[str]) -> What | None:
    if named and (name, named[0]) in _TWO:
        return _said(_TWO[name, named[0]], named[1:])
    if name == "yarn" and not named:
        return "packages"
    return _ALONE.get(name) or _said(_SAME.get(name, name), named)


def _said(name: str, named: Sequence[str]) -> What | None:
    most = _MOST if name in _LATE else 1
    for what, words in _WORDS.get(name, {}).items():
        if not set(words.split()).isdisjoint(named[:most]):
            return what
    return None
