"""The report of a back-test."""
