"""The service graph, in each of its formats. Every name comes from a checked repository and may be hostile."""
