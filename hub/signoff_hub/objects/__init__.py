"""Where bytes lie: a folder or a bucket, write-once, with the layout of docs/sign_off.md.

May know: the place. Begin with: `interface`.
"""
