"""What who runs a hub needs: back up, restore, adopt a store, verify everything, figures of health.

May know: every room below. Begin with: `verifying`.
"""
