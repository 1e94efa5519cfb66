"""The story of each command, readable aloud."""
