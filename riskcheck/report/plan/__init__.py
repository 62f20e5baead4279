"""Plans as text, Markdown and JSON. What is said stands in `outline`, how it looks in each format's module."""
