"""Fuzzing: hostile input for whatever riskcheck reads. `make fuzz` runs it; docs/fuzzing.md explains it."""
