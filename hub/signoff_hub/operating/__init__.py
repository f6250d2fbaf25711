"""What who runs a hub looks at: health and figures; backing up and verifying are still to come.

May know: every room below. Begin with: `health`.
"""
