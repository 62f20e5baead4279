"""``NamedTuple`` and ``dataclass`` for the type checker; for a run the same, ten times quicker to define.

A run defines more than a hundred records and makes instances of half of them. The standard library looks into the
annotations of each and compiles its methods at once; here annotations stay text, and a constructor is compiled
for the first instance. `dataclasses` brings `inspect` along, too, which costs half a bare start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
    from dataclasses import replace as replace
    from typing import NamedTuple as NamedTuple
else:
    from _collections import _tuplegetter
    from functools import cache
    from types import FunctionType

    def _fields_of(name, namespace):
        """Names of the fields, and their defaults, which leave the namespace."""
        fields = tuple(namespace.get("__annotations__", ()))
        defaults = {field: namespace.pop(field) for field in fields if field in namespace}
        if list(defaults) != list(fields[len(fields) - len(defaults) :]):
            raise TypeError(f"{name}: a field without a default follows one with a default")
        return fields, defaults

    def _method(defined, name, template, known):
        """A method of `defined` that takes its fields: `template`, with their names for its parameters."""
        # The parameter before the fields is called as no field can be.
        code = template.__code__
        named = code.replace(
            co_name=name,
            co_qualname=f"{defined.__qualname__}.{name}",
            co_varnames=(code.co_varnames[0], *defined._fields),
        )
        return FunctionType(named, known, name, tuple(defined._field_defaults.values()) or None)

    @cache
    def _making(count):
        """Makes a tuple of `count` arguments. Compiled once for all records of so many fields."""
        return _compiled(count, f"return _new(_record, ({_listed(count, '{}, ')}))")

    @cache
    def _filling(count):
        """Puts each of `count` arguments into its slot."""
        return _compiled(count, _listed(count, "_set{}(_record, {}); ") or "pass")

    def _compiled(count, body):
        room = {}
        # What is executed holds numbered names only, nothing that is read from anywhere.
        exec(f"def template(_record, {_listed(count, '{}, ')}):\n    {body}", room)  # noqa: S102
        return room["template"]

    def _listed(count, form):
        return "".join(form.replace("{}", f"_{number}") for number in range(count))

    def _definer(cls):
        return next(base for base in cls.__mro__ if "_fields" in base.__dict__)

    def _methods(*classes):
        own = {"__module__", "__dict__", "__weakref__", "__doc__", "__qualname__", "__slots__"}
        return {name: made for cls in classes for name, made in cls.__dict__.items() if name not in own}

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

        __replace__ = _replace

        def __getnewargs__(self):
            return tuple(self)

        def __repr__(self):
            stated = ", ".join(f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True))
            return f"{type(self).__name__}({stated})"

    _SHARED = _methods(_Template)

    class _Definition(type):
        """Makes a plain class on `tuple` of a class statement, as `typing.NamedTuple` does."""

        def __new__(cls, name, bases, namespace):
            fields, defaults = _fields_of(name, namespace)
            for index, field in enumerate(fields):
                namespace[field] = _tuplegetter(index, None)
            for shared, made in _SHARED.items():
                namespace.setdefault(shared, made)
            namespace.update(
                __slots__=(), __match_args__=fields, _fields=fields, _field_defaults=defaults, __new__=_first
            )
            return type(name, (tuple,), namespace)

    def _first(cls, /, *values, **named):
        """The first instance of a record: compiles the constructor, which takes the place of this one."""
        defined = _definer(cls)
        made = _method(defined, "__new__", _making(len(defined._fields)), {"_new": tuple.__new__})
        defined.__new__ = staticmethod(made)
        return cls(*values, **named)

    def NamedTuple():
        """Only ever a base; what stands for it is below."""
        raise TypeError("NamedTuple is a base of a class")

    _BASE = type.__new__(_Definition, "NamedTuple", (), {})
    NamedTuple.__mro_entries__ = lambda bases: (_BASE,)

    class _Frozen:
        """What every frozen, slotted record can do; copied into each."""

        def __setattr__(self, name, value):
            raise AttributeError(f"cannot assign to field {name!r} of {type(self).__name__}")

        def __delattr__(self, name):
            raise AttributeError(f"cannot delete field {name!r} of {type(self).__name__}")

        def __repr__(self):
            stated = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._fields)
            return f"{type(self).__qualname__}({stated})"

        def __reduce__(self):
            return type(self), tuple(getattr(self, name) for name in self._fields)

    class _Equal:
        """Records that are equal where their fields are."""

        def __eq__(self, other):
            if other.__class__ is not self.__class__:
                return NotImplemented
            return all(getattr(self, name) == getattr(other, name) for name in self._fields)

        def __hash__(self):
            return hash(tuple(getattr(self, name) for name in self._fields))

    _IDENTICAL = _methods(_Frozen)
    _EQUAL = _methods(_Frozen, _Equal)

    def dataclass(*, frozen, slots, eq=True):
        """As `dataclasses.dataclass`, for frozen records with slots and constant defaults."""
        if not (frozen and slots):
            raise TypeError("only frozen records with slots: others are made by dataclasses")

        def made(cls):
            namespace = dict(cls.__dict__)
            del namespace["__dict__"], namespace["__weakref__"]
            fields, defaults = _fields_of(cls.__name__, namespace)
            for name, shared in (_EQUAL if eq else _IDENTICAL).items():
                namespace.setdefault(name, shared)
            namespace.update(
                __slots__=fields,
                __match_args__=fields,
                __init__=_first_of_slots,
                _fields=fields,
                _field_defaults=defaults,
            )
            return type(cls.__name__, cls.__bases__, namespace)

        return made

    def _first_of_slots(self, /, *values, **named):
        defined = _definer(type(self))
        setters = (defined.__dict__[field].__set__ for field in defined._fields)
        known = {f"_set_{number}": setter for number, setter in enumerate(setters)}
        defined.__init__ = _method(defined, "__init__", _filling(len(defined._fields)), known)
        defined.__init__(self, *values, **named)

    def replace(record, /, **changed):
        """A copy with other values for some fields, as `dataclasses.replace`."""
        for name in record._fields:
            changed.setdefault(name, getattr(record, name))
        return type(record)(**changed)
