"""Events of the YAML parser are made in one call, and hold what ruamel's own constructors put into them."""

from __future__ import annotations

from typing import Any

from riskcheck.documents import _libyaml


class _Above:
    __slots__ = ("anchor", "comment", "end_mark", "start_mark")


class Same(_Above):
    """As ruamel's, with a constructor that is told from ours."""

    __slots__ = ("ctag", "implicit", "style", "value")

    def __init__(
        self,
        anchor: Any,
        tag: Any,
        implicit: Any,
        value: Any,
        start_mark: Any = None,
        end_mark: Any = None,
        style: Any = None,
        comment: Any = None,
    ) -> None:
        raise AssertionError("ruamel's own")


class MoreFields(Same):
    __slots__ = ("more",)
    __init__ = Same.__init__


class OtherArguments(Same):
    __slots__ = ()

    def __init__(self, anchor: Any, value: Any) -> None:
        self.anchor, self.value = anchor, value


def test_every_field_is_set_by_its_argument() -> None:
    _libyaml._construct_at_once(Same, _libyaml._scalar)
    made = Same("a", "t", (True, False), "v", 1, 2, "'", "c")
    fields = [getattr(made, name) for name in (*Same.__slots__, *_Above.__slots__)]
    assert fields == ["t", (True, False), "'", "v", "a", "c", 2, 1]
    bare = Same(None, None, None, "v")
    assert [getattr(bare, name) for name in ("style", "comment", "start_mark")] == [None] * 3


def test_a_class_of_another_version_keeps_its_constructor() -> None:
    for kind in (MoreFields, OtherArguments):
        before = kind.__init__
        _libyaml._construct_at_once(kind, _libyaml._scalar)
        assert kind.__init__ is before


def test_start_of_a_collection() -> None:
    for kind in (_libyaml.MappingStartEvent, _libyaml.SequenceStartEvent):
        made = kind("a", "t", True, 1, 2, flow_style=True)
        assert (made.anchor, made.ctag, made.implicit, made.start_mark, made.end_mark) == (
            "a",
            "t",
            True,
            1,
            2,
        )
        assert (made.flow_style, made.comment, made.nr_items) == (True, None, None)
