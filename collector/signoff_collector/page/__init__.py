"""The page that shows an episode from its own bytes: the review's and the player's.

May know: nothing of ours.
Begin with: `bundle`; the sources are in editor_extensions/review_page.
"""
