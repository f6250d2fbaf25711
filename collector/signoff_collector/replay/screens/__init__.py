"""The full-screen player, and the parts of it that other screens show text with."""
