"""Sets of network resources that work only together: an endpoint, its names, the routes and lists that lead to it."""
