"""Renderers: one module per output format, all from the same `Report`."""
