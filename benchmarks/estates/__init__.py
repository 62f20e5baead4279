"""Repositories to measure on, made from scratch: no network, the same everywhere."""
