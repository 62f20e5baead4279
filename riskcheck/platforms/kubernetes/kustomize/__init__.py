"""Kustomize, offline: what an overlay deploys, each value still knowing the file it came from."""
