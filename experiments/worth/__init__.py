"""Do traces teach more than code alone? `protocol.md` says what is asked, and what would be a no."""
