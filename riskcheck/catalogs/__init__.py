"""What service catalogs say: owners, criticality, lifecycle, what depends on what. One module per format.

Here because two stages read catalogs: `riskcheck.graph` for the whole repository, `riskcheck.platforms.catalog` for
what a change does to them.
"""
