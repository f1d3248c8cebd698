"""What a function or a class computes, as a digest that files can hold.

It is of the compiled code, whose form depends on Python's version; of defaults and what is
enclosed; and of the functions, classes and values of the same package that are used. A comment or a
line that moved makes no difference. What is called in other packages counts by its name.
"""

from __future__ import annotations

import dis
import hashlib
import types
from collections.abc import Iterator
from typing import Any

import numpy as np

_WRITTEN = ("__init__", "__post_init__", "__call__")
_PLAIN = (str, bytes, bool, int, float, complex, np.generic, type(None))


def code_digest(computing: Any) -> str:
    """Sixteen hexadecimal digits of a SHA-256 over what a function, class or object computes."""
    total = hashlib.sha256()
    for part in _described(computing, _package(_plain_function(computing)), set()):
        total.update(part.encode() + b"\0")
    return total.hexdigest()[:16]


def _package(value: Any) -> str:
    made = value if hasattr(value, "__module__") else type(value)
    return str(made.__module__).partition(".")[0]


def _plain_function(value: Any) -> Any:
    """The function in a static or class method, or behind a kernel of Numba; else the value."""
    if isinstance(value, (staticmethod, classmethod)):
        return value.__func__
    compiled_from = getattr(value, "py_func", None)
    return compiled_from if isinstance(compiled_from, types.FunctionType) else value


def _described(value: Any, package: str, seen: set[int]) -> Iterator[str]:
    """What ``value`` is, in words that are the same in every process."""
    value = _plain_function(value)
    yield type(value).__qualname__
    if isinstance(value, _PLAIN):
        yield repr(value)
    elif isinstance(value, np.ndarray):
        yield f"{value.dtype.str} {value.shape} {hashlib.sha256(value.tobytes()).hexdigest()}"
    elif isinstance(value, (set, frozenset)):
        yield f"{sorted(map(repr, value))}"
    elif isinstance(value, types.CodeType):
        yield f"{value.co_code.hex()} {value.co_names} {value.co_varnames}"
        yield from _described(value.co_consts, package, seen)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _described(part, package, seen)
    elif isinstance(value, dict):
        yield from _described(list(value.items()), package, seen)
    elif isinstance(value, (type, types.FunctionType)):
        yield f"{value.__module__}.{value.__qualname__}"
        yield from _described_once(value, package, seen)
    elif not isinstance(value, types.ModuleType):
        yield from _described_once(value, package, seen)


def _described_once(value: Any, package: str, seen: set[int]) -> Iterator[str]:
    """What a function, class or object of the package consists of; nothing the second time."""
    if id(value) in seen or _package(value) != package:
        return
    seen.add(id(value))
    for name, part in sorted(_parts(value).items()):
        yield name
        yield from _described(part, package, seen)


def _parts(value: Any) -> dict[str, Any]:
    if isinstance(value, types.FunctionType):
        code, enclosed = value.__code__, value.__closure__ or ()
        return {
            "code of it": code,
            "defaults of it": (value.__defaults__, value.__kwdefaults__),
            **{name: value.__globals__.get(name) for name in _names(code)},
            **{
                name: cell.cell_contents
                for name, cell in zip(code.co_freevars, enclosed, strict=True)
                if cell != types.CellType()
            },
        }
    if isinstance(value, types.MethodType):
        return {"method": value.__func__, "object": value.__self__}
    if isinstance(value, property):
        return {"get": value.fget}
    if isinstance(value, type):
        own = {n: part for n, part in vars(value).items() if not _is_machinery(n)}
        return {**own, "bases of it": value.__mro__[1:]}
    return {**getattr(value, "__dict__", {}), "class of it": type(value)}


def _is_machinery(name: str) -> bool:
    """Whether an entry of a class is Python's own or a decorator's, rather than its author's."""
    special = name.startswith("__") and name.endswith("__")
    return name == "_abc_impl" or (special and name not in _WRITTEN)


def _names(code: types.CodeType) -> set[str]:
    """Global names that a function and the functions in it read."""
    inner = (part for part in code.co_consts if isinstance(part, types.CodeType))
    own = {one.argval for one in dis.get_instructions(code) if one.opname == "LOAD_GLOBAL"}
    return own.union(*map(_names, inner))
