"""Params declared once: a line gives Param, constructor argument, setter, getter, default and doc.

::

    class Blur(Stage):
        radius: ParamField[int] = param("radius of the blur, pixels", whole(1, 99), default=3)

    Blur(radius=5).setRadius(7).getRadius()   # 7

Type checkers see the constructor through :func:`typing.dataclass_transform`; at run time the class
attribute is an ordinary :class:`pyspark.ml.param.Param`, so ``copy``, ``explainParams``,
``ParamGridBuilder`` and saving work as they do for Spark's own stages.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Generic,
    Self,
    TypeVar,
    dataclass_transform,
    overload,
)

from pyspark.ml.param import Param, Params

from irbis.errors import ParamError

__all__ = ["UNSET", "HasParams", "ParamField", "param"]

T = TypeVar("T")
#: Default of a Param that may be left out of the constructor but must be set before use.
UNSET: Any = object()


class ParamField(Generic[T]):
    """Annotation of a declared Param: the constructor takes a T, the attribute is a Param."""

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: None, owner: type) -> Param[T]: ...
        @overload
        def __get__(self, instance: object, owner: type) -> Param[T]: ...
        def __get__(self, instance: object | None, owner: type) -> Param[T]: ...
        def __set__(self, instance: object, value: T) -> None: ...


class _Declared:
    def __init__(self, doc: str, convert: Callable[[Any], Any], default: Any) -> None:
        self.doc, self.convert, self.default = doc, convert, default


def param(doc: str, convert: Callable[[Any], T], *, default: Any = UNSET) -> Any:
    """Declare a Param in the body of a :class:`HasParams` class.

    Parameters
    ----------
    doc : str
        What it is, with its unit.
    convert : callable
        From :mod:`irbis.converters` or like them: returns the typed value, or raises ValueError
        whose message says what is accepted.
    default : optional
        UNSET, or none at all: the Param must be set before use.
    """
    return _Declared(doc, convert, default)


def _checked(name: str, convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def checked(value: Any) -> Any:
        try:
            return convert(value)
        except (ValueError, TypeError) as error:
            # A converter of something secret says how to show a value: never the value itself.
            shown = getattr(convert, "show", repr)(value)
            raise ParamError(f"{name}={shown}", expected=str(error)) from None

    return checked


@dataclass_transform(kw_only_default=True, field_specifiers=(param,))
class HasParams(Params):
    """Base of everything with declared Params."""

    _param_defaults: ClassVar[dict[str, Any]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # From every base, the nearest last: a mixin's Params count as much as the first base's.
        inherited = [vars(base).get("_param_defaults", {}) for base in reversed(cls.__mro__[1:])]
        defaults = {name: value for held in inherited for name, value in held.items()}
        for name, declared in list(vars(cls).items()):
            if not isinstance(declared, _Declared):
                continue
            convert = _checked(name, declared.convert)
            setattr(cls, name, Param(Params._dummy(), name, declared.doc, convert))
            _add_accessors(cls, name)
            defaults.pop(name, None)
            if declared.default is not UNSET:
                defaults[name] = declared.default
        cls._param_defaults = defaults

    def __init__(self, **kwargs: Any) -> None:
        super().__init__()
        self._setDefault(**self._param_defaults)
        self._assign(**kwargs)

    def _assign(self, **kwargs: Any) -> Self:
        for name, value in kwargs.items():
            if not (isinstance(name, str) and self.hasParam(name)):
                known = ", ".join(sorted(p.name for p in self.params))
                raise ParamError(f"{type(self).__name__}({name}=...)", expected=f"one of {known}")
            # Not self.set(): Spark would wrap a ParamError into a plain ValueError.
            found = self.getParam(name)
            self._paramMap[found] = found.typeConverter(value)
        return self

    def setParams(self, **kwargs: Any) -> Self:
        """Set several Params by name; returns the object itself."""
        return self._assign(**kwargs)

    def saved_params(self) -> dict[str, Any]:
        """Values that saving writes: all that were set; who holds secrets leaves them out."""
        return {p.name: v for p, v in self._paramMap.items()}

    def value(self, name: str) -> Any:
        """Value of a Param, or a ParamError that says how to set it."""
        found = self.getParam(name)
        if not self.isDefined(found):
            setter = f"set{name[0].upper()}{name[1:]}(...)"
            raise ParamError(
                f"{type(self).__name__} without {name}", expected=found.doc, do=f"call {setter}"
            )
        return self.getOrDefault(found)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...  # setX and getX


def _add_accessors(cls: type[HasParams], name: str) -> None:
    title = name[0].upper() + name[1:]

    def setter(self: HasParams, value: Any) -> HasParams:
        return self._assign(**{name: value})

    def getter(self: HasParams) -> Any:
        return self.value(name)

    for prefix, function in (("set", setter), ("get", getter)):
        accessor = prefix + title
        function.__name__, function.__qualname__ = accessor, f"{cls.__qualname__}.{accessor}"
        function.__doc__ = f"{'Set' if prefix == 'set' else 'Get'} {name}."
        if accessor not in vars(cls):  # a class may write its own, such as setModel
            setattr(cls, accessor, function)
