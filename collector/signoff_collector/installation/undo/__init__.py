"""The record of what `setup` changed, and taking it back byte for byte.

May know: installation.config_files, system.
Begin with: `undo_record`, then `reverting`.
"""
