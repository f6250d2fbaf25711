"""The page that shows an episode from its own bytes: the review's and the player's."""
