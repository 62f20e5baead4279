"""Evidence of a run for auditors: an in-toto statement, and what holds one against itself."""
