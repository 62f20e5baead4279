"""What deployment tools say that they would do: plan files that a run is given beside the two trees.

`model` is what the other modules read into; one module a tool.
"""
