"""The service graph and how far a change reaches in it."""
