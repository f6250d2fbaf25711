"""Signoff's own folder and what lies in it: private files, settings, the key of this home.

May know: system. Begin with: `home`, `private_files`.
"""
