"""Collect the secret values that this machine knows, in memory or in the kernel's keyring.

May know: system.
Begin with: `exact_values`.
"""
