"""The patterns of the never-record list, without the code that matches them.

A hook of an agent has only milliseconds and reads this without importing the modules that matching
paths usually needs (`capture/agents/hook_names.py`).
"""

from __future__ import annotations

TYPE_CHECKING = False  # `typing` itself would take 5 ms
if TYPE_CHECKING:
    from typing import Final

NAMES: Final = (
    (".env*", "*.env", ".envrc"),
    ("*.pem", "*.key", "*.p8", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.ppk", "*.asc", "*.gpg"),
    ("*.age", "*.kdbx", "*.kdb", "*.keychain", "*.keychain-db", "*.ovpn", "*.mobileprovision"),
    ("id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*", "id_xmss*", "id_*.pub"),
    ("authorized_keys", "known_hosts"),
    (".netrc", "_netrc", ".npmrc", ".yarnrc", ".pypirc", ".git-credentials", ".htpasswd"),
    (".pgpass", ".my.cnf", ".s3cfg", ".boto", ".vault-token", ".terraformrc", "terraform.rc"),
    ("credentials", "credentials.*", "*-credentials.json", "*_credentials.json"),
    ("secrets.*", "*secret*.yml", "*secret*.yaml", "*secret*.json", "*secret*.toml"),
    ("*.tfvars", "*.tfvars.json", "*.tfstate", "*.tfstate.*", "vault*.yml", "vault*.yaml"),
    ("kubeconfig", "kubeconfig.*", "*.kubeconfig"),
    ("service-account*.json", "service_account*.json", "firebase-adminsdk*.json"),
    ("*firebase-adminsdk*.json", "local.settings.json", "wp-config.php", "database.yml"),
    ("master.key", "*.sqlite", "*.sqlite3", "*.db", "*.sql.gz", "*.dump", "*.har"),
    ("cookies.txt", "cookies.sqlite", "core.[0-9]*"),
    (".bash_history", ".zsh_history", ".python_history", ".psql_history", ".node_repl_history"),
)
"""Patterns for the last component of a path, in groups of a kind."""

TEMPLATE_SUFFIXES: Final = (".example", ".sample", ".template", ".dist")
"""`.env.example` and similar files hold no values; they are recorded, and scanned like all text."""

FOLDERS: Final = frozenset(
    {".aws", ".azure", ".gcloud", ".kube", ".ssh", ".gnupg", ".password-store", ".signoff"}
)
"""Folders below which nothing is recorded."""

PAIRS: Final = frozenset(
    {(".docker", "config.json"), ("gh", "hosts.yml"), (".cargo", "credentials")}
)
"""Folder and name that are on the list only together."""

MESSAGES: Final = frozenset(
    {
        "COMMIT_EDITMSG",
        "MERGE_MSG",
        "TAG_EDITMSG",
        "SQUASH_MSG",
        "NOTES_EDITMSG",
        "EDIT_DESCRIPTION",
        "ADD_EDIT.PATCH",
        "GIT-REBASE-TODO",
        "PULLREQ_EDITMSG",
    }
)
"""Files that git and similar tools open in an editor for a message; upper-cased."""

TEMPORARIES: Final = (
    ("*.sw[a-p]", ".*.sw[a-z]", "*~", ".#*", "#*#", "4913", "*.un~"),
    (".goutputstream-*", "*.kate-swp", "*___jb_tmp___", "*___jb_old___", "*.crswap"),
)
"""Temporary files that editors write beside the file while saving."""
