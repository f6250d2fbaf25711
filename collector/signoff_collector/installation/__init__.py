"""Putting Signoff into editors and taking it out again (docs/setup.md)."""
