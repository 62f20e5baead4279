"""Sets of network resources that work only together: an endpoint, its names, and the routes and lists to it."""
