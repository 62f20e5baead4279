"""Reads every YAML file below the working directory once, in a process that does nothing else: what others are
measured against.

    python -m benchmarks.reading            as riskcheck parses it, with a position for everything
    python -m benchmarks.reading --events   the events of ruamel.yaml's C parser alone
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path

LARGEST = 100 * 1024 * 1024
SUFFIXES = (".yml", ".yaml")


def main() -> None:
    # As `riskcheck` itself does.
    gc.disable()
    if "--events" in sys.argv[1:]:
        events()
    else:
        documents()


def documents() -> None:
    from riskcheck.documents.store import DocumentStore
    from riskcheck.sources.directories import DirectoryTree

    tree = DirectoryTree(".", "head", LARGEST, root=str(Path.cwd()))
    store = DocumentStore(tree)
    unread = [
        path
        for path in tree.entries()
        if path.endswith(SUFFIXES) and store.get(path, merge="databricks").root is None
    ]
    assert not unread, unread


def events() -> None:
    from _ruamel_yaml import CParser

    for path in Path().rglob("*"):
        if path.name.endswith(SUFFIXES) and path.is_file():
            parser = CParser(path.read_bytes())
            try:
                while parser.check_event():
                    parser.get_event()
            except Exception:  # noqa: BLE001  # templates are no YAML; what fails is read as far as it goes
                continue


if __name__ == "__main__":
    main()
