"""One target under atheris, which follows what code an input reaches. In a process of its own: libFuzzer ends it.

https://github.com/google/atheris
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from random import Random

import atheris  # type: ignore[import-not-found, unused-ignore]

from fuzz.model import Target

MOST_BYTES = 20_000
_STEPS = 4
"""Of so many changes of an input, one is by libFuzzer, byte by byte; the others keep lines and words."""


def run(name: str, seconds: int, seed: int, folder: Path) -> None:
    """Fuzzes one target for `seconds` and writes what was found, with how much was run, below `folder`."""
    with atheris.instrument_imports(include=["riskcheck"], enable_loader_override=False):
        from fuzz.bounds import checked
        from fuzz.findings import keep
        from fuzz.targets.table import target

        one = target(name)
        _warm(one)
        counted = folder / "runs" / f"{name}.json"
        counted.parent.mkdir(parents=True, exist_ok=True)
        runs = 0

        def take(data: bytes) -> None:
            nonlocal runs
            runs += 1
            try:
                checked(one, data)
            except BaseException as error:  # whatever it is, it is what is looked for
                if isinstance(error, KeyboardInterrupt):
                    raise
                found = keep(name, data, error, folder / "found")
                if found.new:
                    print(f"{name}: {found.place}\n  {found.path}", file=sys.stderr, flush=True)
            if runs % 50 == 0 or runs < 50:
                counted.write_text(json.dumps({"runs": runs}), "utf-8")

        corpus = folder / "corpus" / name
        _write_seeds(one, corpus, Random(seed))
        options = [
            *(f"-max_total_time={seconds}", f"-seed={seed}", f"-max_len={MOST_BYTES}", "-timeout=120"),
            *("-rss_limit_mb=3000", "-print_final_stats=0", "-verbosity=0", f"-artifact_prefix={folder}/"),
            *("-detect_leaks=0", "-reload=0"),
        ]
        atheris.Setup([sys.argv[0], *options, str(corpus)], take, custom_mutator=_mutator(one))
        atheris.Fuzz()


def _mutator(target: Target):  # type: ignore[no-untyped-def]
    from fuzz.mutating import mutated

    known: list[bytes] = [*target.seeds()][:2_000]

    def change(data: bytes, size: int, seed: int) -> bytes:
        random = Random(seed)
        if random.randrange(_STEPS) == 0:
            return bytes(atheris.Mutate(data, size))
        other = random.choice(known) if known else b""
        return mutated(data, random, target.words, other)[:size]

    return change


def _warm(target: Target) -> None:
    """What is imported or compiled on first use is no part of any input's time."""
    for data in [*target.seeds()][:3]:
        target.run(data)


def _write_seeds(target: Target, corpus: Path, random: Random) -> None:
    from fuzz.findings import digest

    corpus.mkdir(parents=True, exist_ok=True)
    seeds = [data for data in target.seeds() if len(data) <= MOST_BYTES]
    for data in random.sample(seeds, min(len(seeds), 150)):
        (corpus / digest(data)).write_bytes(data)
