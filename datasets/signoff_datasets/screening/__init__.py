"""Screening: which episodes a data set may hold, and which split each belongs to.

May know: `sources`, `similarity`, and of the collector what proves a sign-off. Pure functions of
values; `policies` and `benchmarks` read files that are shipped or named. docs/datasets.md has the
terms, docs/dataset_rules.md every other rule with its reason.
Begin with: `terms`, `checks`; then `licences`, `splits`, `contamination`.
"""
