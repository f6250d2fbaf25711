"""Building: from a plan to files, the manifest last and signed.

May know: planning, screening, sources, tables, engines.
Begin with: `builds`, then `shards`, `workplace`.
"""
