"""What watches the developer at work, and the journals it is written to."""
