"""Spark configuration, wherever it is written: its keys and units, the settings of an application, and what its
containers come to. Platforms and rules read it; nothing imports it before Spark is met.
"""
