"""Do traces teach more than code alone? `protocol.md` says what is asked, and what is a no."""
