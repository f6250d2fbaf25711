"""Builds the steps that are not edits: commands, test runs, agents, git.

May know: seal.disk, seal.times, seal.building.
Begin with: `observed`.
"""
