"""Open documents as mirrored by the bridge.

May know: bridge.protocol, collector.text.
Begin with: `documents`.
"""
