"""Resources of base and head into changes: keyed, pruned, with both locations."""
