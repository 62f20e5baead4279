"""Bytes into positioned values. A parse failure is a value, not an exception.

The formats live in one module each; `store.DocumentStore` is what the other stages use.
"""
