"""Errors that end a run before anything is judged."""

from __future__ import annotations


class RunError(Exception):
    """The run could not be made: exit code 2. ``str()`` is for people: what is wrong, where, what to do."""
