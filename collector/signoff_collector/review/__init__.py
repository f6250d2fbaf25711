"""Review: the plan, `apply(plan, episode)`, and the dialogue in the terminal."""
