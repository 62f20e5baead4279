"""What a repository's own log tells."""
