"""A judged change into waves: what goes where first, what is waited for, and how each wave comes back."""
