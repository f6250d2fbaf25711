"""Data models of the published formats (step, header, plan, sign-off), and all errors."""
