"""Cards: what a data set says of itself to who has not got it: `README.md` and `croissant.json`.

May know: verifying, building, tables. Pure functions of the manifest and of `figures`, which says
nothing of few people. docs/dataset_rules.md has what a card never tells.
Begin with: `figures`, then `croissant`, `readme`.
"""
