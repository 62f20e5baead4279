"""``NamedTuple`` as in `typing`, for the type checker the very same, for a run eight times quicker to define.

A run defines more than a hundred records and makes instances of half of them. `typing.NamedTuple` resolves the
annotations of each and compiles a constructor at once; here annotations stay text, and a constructor
is compiled when the first instance is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    from _collections import _tuplegetter

    _SHARED = ("_asdict", "_make", "_replace", "__getnewargs__", "__repr__")

    class _Template(tuple):
        """What every record can do, as `collections.namedtuple` has it; copied into each: its base is `tuple`."""

        __slots__ = ()

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        @classmethod
        def _make(cls, iterable):
            values = tuple(iterable)
            if len(values) != len(cls._fields):
                raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(values)}")
            return tuple.__new__(cls, values)

        def _replace(self, /, **changed):
            result = self._make(map(changed.pop, self._fields, self))
            if changed:
                raise ValueError(f"Got unexpected field names: {list(changed)!r}")
            return result

        def __getnewargs__(self):
            return tuple(self)

        def __repr__(self):
            stated = ", ".join(f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True))
            return f"{type(self).__name__}({stated})"

    class _Definition(type):
        """Makes a plain class on `tuple` of a class statement, as `typing.NamedTuple` does."""

        def __new__(cls, name, bases, namespace):
            fields = tuple(namespace.get("__annotations__", ()))
            defaults = {field: namespace.pop(field) for field in fields if field in namespace}
            if list(defaults) != list(fields[len(fields) - len(defaults) :]):
                raise TypeError(f"{name}: a field without a default follows one with a default")
            for index, field in enumerate(fields):
                namespace[field] = _tuplegetter(index, None)
            for shared in _SHARED:
                namespace.setdefault(shared, _Template.__dict__[shared])
            namespace.update(
                __slots__=(), __match_args__=fields, _fields=fields, _field_defaults=defaults, __new__=_first
            )
            return type(name, (tuple,), namespace)

    def _first(cls, /, *values, **named):
        """The first instance of a record: compiles the constructor, which takes the place of this one."""
        defined = next(base for base in cls.__mro__ if "_fields" in base.__dict__)
        defined.__new__ = staticmethod(_constructor(defined))
        return cls(*values, **named)

    def _constructor(defined):
        names = ", ".join(defined._fields)
        compact = f"{names}," if defined._fields else ""
        # Names of fields are identifiers of our own source: the compiler has read them in a class statement.
        made = eval(  # noqa: S307
            f"lambda _record, {names}: _new(_record, ({compact}))",
            {"_new": tuple.__new__, "__builtins__": {}},
        )
        made.__defaults__ = tuple(defined._field_defaults.values()) or None
        made.__name__ = "__new__"
        made.__qualname__ = f"{defined.__qualname__}.__new__"
        return made

    def NamedTuple():
        """Only ever a base; what stands for it is below."""
        raise TypeError("NamedTuple is a base of a class")

    _BASE = type.__new__(_Definition, "NamedTuple", (), {})
    NamedTuple.__mro_entries__ = lambda bases: (_BASE,)
