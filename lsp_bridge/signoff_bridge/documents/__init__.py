"""Open documents as the bridge follows them.

May know: bridge.protocol, collector.text.
Begin with: `documents`.
"""
