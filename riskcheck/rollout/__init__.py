"""Canary evidence per production cell, and rollback evidence per change."""
