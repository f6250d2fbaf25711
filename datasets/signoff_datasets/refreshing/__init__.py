"""Refreshing: what was withdrawn, expired or replaced leaves a data set, and the old one goes.

May know: verifying (reads a manifest), cards (is one edited), building, planning, screening,
sources, tables, engines.
Begin with: `refreshes`, then `gone`, `reduced`, `remains`.
"""
