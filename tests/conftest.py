"""Machines that run the tests may be busy: how long an example takes says nothing about the code. A run of the
tests tries the same examples every time; `--hypothesis-profile=random` tries others, and more of them."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile(
    "busy", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
settings.register_profile("random", settings.get_profile("busy"), derandomize=False, max_examples=1_000)
settings.load_profile("busy")
