"""What makes the documentation site and the generated parts of its pages. Not part of the package that is installed."""
