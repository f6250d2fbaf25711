"""What is learned from sessions: arms, their texts, and models of text, places and actions."""
