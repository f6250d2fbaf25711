"""Interactive shells: the hooks they load, what the hooks write, and the recorded pty."""
