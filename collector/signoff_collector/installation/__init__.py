"""Putting Signoff into editors, shells and agents, and taking it out again (docs/setup.md).

May know: capture (reads), programs, system.
Begin with: `setting_up`, then `targets`.
"""
