"""What makes the documentation site and the generated parts of its pages. Not part of what is installed."""
