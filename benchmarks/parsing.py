"""Parses every YAML file below the working directory once: what a run on a large bundle is measured against.

python -m benchmarks.parsing
"""

from __future__ import annotations

import gc
from pathlib import Path

from riskcheck.documents.store import DocumentStore
from riskcheck.sources.directories import DirectoryTree

LARGEST = 100 * 1024 * 1024


def main() -> None:
    # As `riskcheck` itself does.
    gc.disable()
    tree = DirectoryTree(".", "head", LARGEST, root=str(Path.cwd()))
    store = DocumentStore(tree)
    unread = [
        path
        for path in tree.entries()
        if path.endswith((".yml", ".yaml")) and store.get(path, merge="databricks").root is None
    ]
    assert not unread, unread


if __name__ == "__main__":
    main()
