"""The extension for VS Code and its forks: built as a .vsix, installed, removed.

May know: installation.undo, programs, system.
Begin with: `vsix`.
"""
