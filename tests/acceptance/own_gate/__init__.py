"""What a pull request cannot do to its own gate: every way to weaken it, tried on a real repository."""
