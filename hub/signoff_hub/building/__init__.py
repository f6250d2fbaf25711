"""Data sets of a hub: plans drawn over what was admitted, builds and refreshes as jobs, grants.

May know: every room from `withdrawing` down, and data sets. What a build does stands in
`signoff_datasets`; here is where its episodes come from and where its files go.
Begin with: `plans`, then `builds`, `refreshes`, `versions`.
"""
