"""The owner's own use of what was recorded: restore, find, today; nothing needs sealing."""
