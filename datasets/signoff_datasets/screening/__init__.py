"""Screening: which episodes a data set may hold, and which split each belongs to.

May know: `similarity`. Pure functions of values; `policies` and `benchmarks` read files that are
shipped or named. docs/dataset_rules.md has every rule with its reason.
Begin with: `licences`, then `splits`, then `contamination`.
"""
