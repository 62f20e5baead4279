"""Networks as rules see them: one shape for traffic rules, allow-lists, routes and records of every provider."""
