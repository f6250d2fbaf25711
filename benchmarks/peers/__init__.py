"""Other libraries that keep the history of a text, measured beside ours in the same run."""
