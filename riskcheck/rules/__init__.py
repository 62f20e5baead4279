"""Rules: data files with CEL conditions or Python checks, changes in context into matches."""
