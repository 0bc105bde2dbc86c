"""JSON schemas of what Microsoft's own Python clients declare, field by field.

Their models are generated from the published definitions: each knows its fields' names on the wire,
their types, enumerations and which are required. Unknown fields are refused (additionalProperties).
"""

import enum
import sys
import types
import typing

PLAIN = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "long": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "object": {},
    "iso-8601": {"type": "string"},
}


def schema_of(model, models):
    """Schema of a model of either kind, with every model it leads to."""
    found = {}
    _add(model, models, found)
    return {"$ref": f"#/$defs/{model.__name__}", "$defs": found}


def list_of(schema):
    return {"type": "array", "items": {"$ref": schema["$ref"]}, "$defs": schema["$defs"]}


def _add(model, models, found):
    if model.__name__ in found:
        return
    found[model.__name__] = None  # a model may hold itself
    rest = hasattr(model, "_attr_to_rest_field") or not hasattr(model, "_attribute_map")
    fields = _hints(model, models) if rest else _attribute_map(model)
    properties, required = {}, []
    for name, (type_, needed) in fields.items():
        schema = _type(type_, models, found)
        if "." in name:  # "description.tags": the client flattens an object
            outer, inner = name.split(".")
            held = properties.setdefault(outer, _object({}, []))
            held["properties"][inner] = schema
        else:
            properties[name] = schema
            required += [name] if needed else []
    found[model.__name__] = _object(properties, required)


def _object(properties, required):
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _attribute_map(model):
    checks = getattr(model, "_validation", {})
    return {
        entry["key"]: (entry["type"], checks.get(name, {}).get("required", False))
        for name, entry in model._attribute_map.items()
        if entry["key"]
    }


def _hints(model, models):
    space = {**vars(sys.modules[model.__module__]), "_models": models, "models": models}
    hints = typing.get_type_hints(model, globalns=space)
    fields = {}
    for name, hint in hints.items():
        field = vars(model).get(name)
        if field is None or name.startswith("_"):
            continue
        optional = type(None) in typing.get_args(hint)
        fields[field._rest_name_input or name] = (hint, not optional)
    return fields


def _type(type_, models, found):
    if isinstance(type_, str):
        return _named(type_, models, found)
    origin, arguments = typing.get_origin(type_), typing.get_args(type_)
    if origin in (typing.Union, types.UnionType):
        kept = [a for a in arguments if a is not type(None)]
        enums = [a for a in kept if isinstance(a, type) and issubclass(a, enum.Enum)]
        return _type((enums or kept)[0], models, found)
    if origin in (list, typing.Sequence):
        return {"type": "array", "items": _type(arguments[0], models, found)}
    if type_.__name__ in PLAIN:
        return PLAIN[type_.__name__]
    return _class(type_, models, found)


def _named(name, models, found):
    if name.startswith("["):
        return {"type": "array", "items": _named(name[1:-1], models, found)}
    if name.startswith("{"):
        return {"type": "object"}
    if name in PLAIN:
        return PLAIN[name]
    # An enumeration that the client treats as an open one is not in its models.
    return _class(getattr(models, name), models, found) if hasattr(models, name) else PLAIN["str"]


def _class(cls, models, found):
    if issubclass(cls, enum.Enum):
        return {"type": "string", "enum": [member.value for member in cls]}
    _add(cls, models, found)
    return {"$ref": f"#/$defs/{cls.__name__}"}


def resolved(schema, root):
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema


def filled(schema, root=None, inside=()):
    """Make an instance in which every field is there; what holds itself does so once."""
    root = root or schema
    name = schema.get("$ref", "")
    inside = (*inside, name) if name else inside
    schema = resolved(schema, root)
    kind = schema.get("type")
    if "enum" in schema:
        return schema["enum"][-1]
    if kind == "object":
        return {
            key: filled(inner, root, inside)
            for key, inner in schema.get("properties", {}).items()
            if inside.count(inner.get("items", inner).get("$ref", "none")) < 2
        }
    if kind == "array":
        return [filled(schema["items"], root, inside)]
    some = {"string": f"text {len(inside)}", "integer": 7, "number": 0.25, "boolean": True}
    return some.get(kind)
