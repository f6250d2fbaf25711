"""A person's own configuration files: changed by a marked block or an entry, never reformatted.

May know: system.
Begin with: `config_files`.
"""
