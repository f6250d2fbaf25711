"""The folder of a hub (`--data DIR`): settings, key, what is coming in, and by default all else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signoff_collector.own_files.private_files import make_private_folder
from signoff_hub.place.hub_key import open_hub_key
from signoff_hub.place.settings import read_settings

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_hub.place.hub_key import HubKey
    from signoff_hub.place.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class HubFolder:
    """One folder, readable by its owner alone."""

    root: Path

    @property
    def database_url(self) -> str:
        """The database, unless `--database` names another."""
        return f"sqlite:///{self.root / 'hub.sqlite'}"

    @property
    def objects(self) -> Path:
        """The folder of objects, unless `--store` names another place."""
        return self.root / "objects"

    @property
    def incoming(self) -> Path:
        """Bytes that are on their way in or out: may be emptied while no node runs here."""
        return self.root / "incoming"

    def settings(self) -> Settings:
        """Read what was decided.

        Raises:
            DamagedError: the file cannot be understood.
        """
        return read_settings(self.root / "hub.toml")

    def key(self) -> HubKey:
        """Return the hub's key; it is made the first time.

        Raises:
            DamagedError: the file holds no key.
        """
        make_private_folder(self.root / "keys")
        return open_hub_key(self.root / "keys" / "hub")


def open_hub_folder(root: Path) -> HubFolder:
    """Make the folder where there is none, and return it."""
    folder = HubFolder(root=root)
    for path in (root, folder.objects, folder.incoming):
        make_private_folder(path)
    return folder
