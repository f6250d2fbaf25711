"""Tables: an episode as rows, and rows as Parquet whose bytes follow from them alone.

May know: of the collector `episode` and `levels`. Pure: no file, no clock.
Begin with: `columns`, then `rows`, `parquet`.
"""
