"""Reports as Markdown, for the comment under a pull request: short, the detail folded."""
