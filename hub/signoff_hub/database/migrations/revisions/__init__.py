"""One module per revision, never edited once it was released (docs/hub/upgrade.md)."""
