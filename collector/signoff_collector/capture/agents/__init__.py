"""What programming agents say of themselves: their hooks, and marks in the environment."""
