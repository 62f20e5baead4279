"""How the C extension is imported, each time in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest


def _run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


_READ = "from riskcheck.documents.yaml import parse; from riskcheck.nodes import Source; S = Source('a', 'head')\n"


def test_reading_yaml_does_not_import_the_package_around_the_parser() -> None:
    loaded = _run(_READ + "parse('a: 1', S)\nimport sys\nprint([m for m in sys.modules if 'ruamel' in m])")
    assert "ruamel.yaml.events" in loaded
    assert "constructor" not in loaded
    assert "main" not in loaded
    assert "scanner" not in loaded


_USES = {
    "round trip": "y = ruamel.yaml.YAML()\nd = y.load('a: [http://x]  # c\\n')\nassert d == {'a': ['http://x']}",
    "C loader": "assert ruamel.yaml.YAML(typ='safe', pure=False).load('a: [1, {b: c}]') == {'a': [1, {'b': 'c'}]}",
    "version": "assert ruamel.yaml.__version__[0].isdigit()",
    "submodules": "assert ruamel.yaml.error.YAMLError and ruamel.yaml.scanner.Scanner and ruamel.yaml.events.Event",
    "all names": "from ruamel.yaml import *\nassert YAML is ruamel.yaml.YAML",
    "one name": "from ruamel.yaml import YAML\nassert YAML is ruamel.yaml.YAML",
    "one module": "from ruamel.yaml.parser import Parser\nassert Parser is ruamel.yaml.parser.Parser",
    "no such name": "assert not hasattr(ruamel.yaml, 'no_such_name')",
}


@pytest.mark.parametrize("use", _USES.values(), ids=_USES.keys())
@pytest.mark.parametrize("before", ["", "parse('a: 1', S)\n", "parse('a: [http://x]', S)\n"])
def test_the_package_works_as_if_imported_in_the_usual_way(use: str, before: str) -> None:
    _run(_READ + before + "import ruamel.yaml\n" + use)


_ERRORS = {
    "scanner": ("a: b: c", "ruamel.yaml.scanner.ScannerError"),
    "parser": ("a: [", "ruamel.yaml.parser.ParserError"),
    "reader": ("a: \\x00", "ruamel.yaml.reader.ReaderError"),
    "composer": ("a: *x", "ruamel.yaml.composer.ComposerError"),
}


@pytest.mark.parametrize(("text", "error"), _ERRORS.values(), ids=_ERRORS.keys())
def test_errors_of_the_c_parser_are_the_packages_own_once_it_is_loaded(text: str, error: str) -> None:
    _run(
        _READ + "parse('a: 1', S)\nimport ruamel.yaml\nloader = ruamel.yaml.YAML(typ='safe', pure=False)\n"
        f"try:\n    loader.load('{text}')\nexcept {error}:\n    pass\nelse:\n    raise SystemExit('no error')"
    )


def test_errors_are_yaml_errors_before_and_after_the_package_is_loaded() -> None:
    _run(
        _READ + "from riskcheck.documents.errors import Rejected\n"
        "for text in ('a: b: c', 'a: [', 'a: \\x00', 'a: [http://x, *y]', 'a: {'):\n"
        "    try:\n        parse(text, S)\n    except Rejected:\n        continue\n    raise SystemExit(text)"
    )


def test_a_package_that_is_already_there_is_left_alone() -> None:
    _run(
        "import ruamel.yaml\nbefore = ruamel.yaml\n"
        + _READ
        + "parse('a: 1', S)\nassert ruamel.yaml is before"
    )


_NOT_FOUND = """
import importlib.machinery as machinery
find, calls = machinery.PathFinder.find_spec, []
def once(name, path=None, target=None):
    if name == "ruamel.yaml" and not calls:
        calls.append(name)
        return None
    return find(name, path, target)
machinery.PathFinder.find_spec = staticmethod(once)
"""

_ANOTHER_RELEASE = """
import types
calls = []
class Module(types.ModuleType):
    def __setattr__(self, name, value):
        if name == "ReaderError":  # as if the extension wanted a name that the stand-in does not have
            calls.append(name)
            return
        super().__setattr__(name, value)
types.ModuleType = Module
"""


@pytest.mark.parametrize("broken", [_NOT_FOUND, _ANOTHER_RELEASE], ids=["not found", "another release"])
def test_where_the_short_way_fails_the_usual_one_is_taken(broken: str) -> None:
    _run(
        broken + _READ + "assert parse('a: [1]', S).root is not None\n"
        "import ruamel.yaml\n"
        "assert calls and ruamel.yaml.YAML(typ='safe', pure=False).load('a: 1') == {'a': 1}"
    )
