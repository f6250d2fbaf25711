"""Secret values that this machine knows, held in memory or in the kernel's keyring.

May know: system.
Begin with: `exact_values`.
"""
