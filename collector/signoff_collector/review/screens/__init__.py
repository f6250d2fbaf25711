"""The terminal review as full screens; `entry.run_review` opens it."""
