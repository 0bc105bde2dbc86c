"""Faults seeded into a module: each mutant is its source with one thing wrong."""

import ast
from dataclasses import dataclass

SWAPPED = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE,
    ast.GtE: ast.Gt, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.And: ast.Or, ast.Or: ast.And, ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add,
    ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
}  # fmt: skip
OTHER = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True)
class Mutant:
    """One fault: its line and the text of that, what it is, and the module with it."""

    line: int
    text: str
    said: str
    tree: ast.Module


def mutants(source):
    """All mutants of a module's source, in the order of its lines."""
    count, found, lines = len(_sites(ast.parse(source))), [], source.splitlines()
    for at in range(count):
        tree = ast.parse(source)
        node, place, said, change = _sites(tree)[at]
        before = ast.unparse(node)
        line = node.lineno
        place(change())
        text = lines[line - 1].strip()
        fault = f"{said}: {_short(before)}"
        found.append(Mutant(line, text, fault, ast.fix_missing_locations(tree)))
    return sorted(found, key=lambda m: m.line)


def _short(text):
    line = " ".join(text.split())
    return line if len(line) <= 70 else line[:67] + "..."


def _sites(tree):
    """Where a fault can go: node, setter of what takes its place, its name, maker of that."""
    sites = []
    _walk(tree, sites)
    return sites


def _walk(node, sites):
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "msg") or isinstance(
            node, ast.Assert
        ):
            continue
        if isinstance(node, ast.Raise):  # removed as a whole; what it says is for people
            continue
        children = value if isinstance(value, list) else [value]
        for at, child in enumerate(children):
            if not isinstance(child, ast.AST) or _said(child) or _named(child):
                continue
            place = _setter(node, name, at if isinstance(value, list) else None)
            sites.extend((child, place, said, change) for said, change in _faults(child, name))
            if isinstance(child, ast.keyword):
                rest = [k for k in children if k is not child]
                sites.append((child, _setter(node, name, None), "left out", lambda rest=rest: rest))
            _walk(child, sites)


def _setter(node, name, at):
    def place(value):
        if at is None:
            setattr(node, name, value)
        else:
            getattr(node, name)[at] = value

    return place


def _said(node):
    """A docstring, or what else is there to be read."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    return isinstance(node, ast.JoinedStr)


def _named(node):
    """Names of what is exported and imported, and what only a type checker reads."""
    if isinstance(node, (ast.Import, ast.ImportFrom, ast.AnnAssign)) and not _has_value(node):
        return True
    if getattr(getattr(getattr(node, "value", None), "value", None), "id", "") == "Literal":
        return True
    targets = getattr(node, "targets", [])
    return any(getattr(t, "id", "") in ("__all__", "__slots__") for t in targets)


def _has_value(node):
    return getattr(node, "value", None) is not None


def _faults(node, field):
    """Name and maker of each fault that this node can have."""
    if field in ("test", "ifs") and not isinstance(node, (ast.Compare, ast.UnaryOp)):
        yield "negated", lambda: ast.UnaryOp(ast.Not(), node)
    for kind, faults in OF_KIND.items():
        if isinstance(node, kind):
            yield from faults(node)
    if _removable(node):
        yield "removed", lambda: ast.copy_location(ast.Pass(), node)


def _of_compare(node):
    for at, op in enumerate(node.ops):
        yield "compared otherwise", lambda at=at, op=op: _with_op(node, at, SWAPPED[type(op)]())


def _of_operator(node):
    if type(node.op) in SWAPPED:
        yield "another operator", lambda: _changed(node, op=SWAPPED[type(node.op)]())


def _of_not(node):
    if isinstance(node.op, ast.Not):
        yield "not negated", lambda: node.operand


def _of_name(node):
    if node.id in OTHER:
        yield "the other function", lambda: ast.Name(OTHER[node.id], ast.Load())


def _of_return(node):
    if node.value is not None and not _is_none(node.value):
        yield "returns None", lambda: ast.Return(ast.Constant(None))


def _of_handler(node):
    yield "not caught", lambda: _changed(node, body=[ast.Raise()])


def _of_constant(node):
    value = node.value
    if isinstance(value, bool):
        yield "flipped", lambda: ast.Constant(not value)
    elif isinstance(value, (int, float)):
        yield "one more", lambda: ast.Constant(value + 1)
        yield "one less", lambda: ast.Constant(value - 1)
    elif isinstance(value, str) and " " not in value:  # sentences are for people
        yield "another text", lambda: ast.Constant(value + "?")


OF_KIND = {
    ast.Compare: _of_compare,
    (ast.BoolOp, ast.BinOp): _of_operator,
    ast.UnaryOp: _of_not,
    ast.Constant: _of_constant,
    ast.Name: _of_name,
    ast.Return: _of_return,
    ast.ExceptHandler: _of_handler,
}


def _removable(node):
    if isinstance(node, (ast.Expr, ast.AugAssign, ast.Delete, ast.Raise, ast.Continue, ast.Break)):
        return True
    # Without an assignment to a plain name nothing runs at all.
    return isinstance(node, ast.Assign) and not any(isinstance(t, ast.Name) for t in node.targets)


def _is_none(node):
    return isinstance(node, ast.Constant) and node.value is None


def _changed(node, **fields):
    for name, value in fields.items():
        setattr(node, name, value)
    return node


def _with_op(node, at, op):
    node.ops[at] = op
    return node
