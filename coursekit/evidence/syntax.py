"""Which definitions of the package a piece of code reaches, and a text of each that ignores its looks."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def canonical(node: object) -> str:
    """A syntax tree as text, without docstrings, positions and empty fields.

    Empty fields are left out since newer Pythons add some: the text is the same for every version.

    Examples
    --------
    >>> canonical(ast.parse("x = 1  # one")) == canonical(ast.parse("x=(1)"))
    True
    >>> canonical(ast.parse("x = 1")) == canonical(ast.parse("x = 2"))
    False
    """
    if isinstance(node, list):
        return "[" + ",".join(map(canonical, node)) + "]"
    if not isinstance(node, ast.AST):
        return repr(node)
    if isinstance(node, ast.Constant):
        return f"Constant({node.value!r})"
    fields = {name: getattr(node, name, None) for name in node._fields}
    if isinstance(node, ast.Module | Definition):
        fields["body"] = without_docstring(node.body)
    parts = (f"{k}={canonical(v)}" for k, v in fields.items() if v is not None and v != [])
    return f"{type(node).__name__}({','.join(parts)})"


def without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements of a module, class or function, less a string that stands first."""
    first = body[0] if body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        return body[1:] if isinstance(first.value.value, str) else body
    return body


@dataclass
class _Module:
    """The top level of a file: what its names are bound to, and what runs whenever it is imported."""

    name: str
    is_package: bool
    statements: list[ast.stmt]
    imports: dict[str, list[str]] = field(default_factory=dict)
    defined: dict[str, list[ast.stmt]] = field(default_factory=dict)
    always: list[ast.stmt] = field(default_factory=list)
    _uses: dict[ast.stmt, tuple[dict[str, list[str]], list[list[str]]]] = field(default_factory=dict)
    _texts: dict[ast.stmt, str] = field(default_factory=dict)

    def uses(self, statement: ast.stmt) -> tuple[dict[str, list[str]], list[list[str]]]:
        """What one of the statements imports, and the names that it uses."""
        if statement not in self._uses:
            self._uses[statement] = _imports_in(statement, self), list(_names(statement))
        return self._uses[statement]

    def text(self, statement: ast.stmt) -> str:
        """One of the statements, `canonical`."""
        if statement not in self._texts:
            self._texts[statement] = canonical(statement)
        return self._texts[statement]


class Scope:
    """The definitions that the experiment cells of a chapter reach, module by module.

    A definition is reached when reached code names it, through any chain of imports and re-exports. What a
    module does at import beyond defining (decorated definitions, but for cached functions; calls; assignments
    to items) counts as soon as anything in the module is reached.

    Parameters
    ----------
    package
        Folder of the package whose modules are followed; others are left alone.
    excluded
        Dotted names, of modules or of what they define, that are not followed, nor anything below them.
    """

    CHAPTER = "chapter"

    def __init__(self, package: Path, *, excluded: tuple[str, ...] = ()) -> None:
        self._root = package
        self._excluded = excluded
        self._modules: dict[str, _Module] = {}
        self._reached: dict[str, set[ast.stmt]] = {}

    def add_cells(self, cells: Iterable[tuple[ast.Module, bool]]) -> None:
        """Start from the cells that are marked; the others only supply imports and definitions."""
        cells = list(cells)
        statements = [statement for tree, _ in cells for statement in tree.body]
        chapter = _Module(self.CHAPTER, False, statements)
        _bind(chapter)
        self._modules[self.CHAPTER] = chapter
        self._reached[self.CHAPTER] = set()
        for tree, marked in cells:
            for statement in tree.body if marked else []:
                self._reach(chapter, statement)

    def reached(self) -> dict[str, list[ast.stmt]]:
        """Reached statements by module, in the order of the file, imports and re-exports left out."""
        kept = {
            name: [s for s in self._modules[name].statements if s in found and not _is_import(s)]
            for name, found in self._reached.items()
        }
        return {name: statements for name, statements in kept.items() if statements}

    def texts(self) -> dict[str, list[str]]:
        """The reached statements, each as `canonical` text."""
        return {
            name: list(map(self._modules[name].text, statements))
            for name, statements in self.reached().items()
        }

    def _reach(self, module: _Module, statement: ast.stmt) -> None:
        if statement in self._reached[module.name]:
            return
        self._reached[module.name].add(statement)
        local, names = module.uses(statement)
        for dotted in names:
            head, *rest = dotted
            if head in module.defined:
                for definition in module.defined[head]:
                    self._reach(module, definition)
            target = local.get(head) or module.imports.get(head)
            if target:
                self._resolve([*target, *rest])

    def _resolve(self, path: list[str]) -> None:
        """Reach what a path means: the dotted name of a module, then the attributes asked of it."""
        whole = ".".join(path)
        if any(whole == name or whole.startswith(f"{name}.") for name in self._excluded):
            return
        module = self._module(path[0])
        if module is not None:
            self._reach_in(module, path[1:])

    def _reach_in(self, module: _Module, rest: list[str]) -> None:
        if module.name not in self._reached:
            self._reached[module.name] = set()
            for statement in module.always:
                self._reach(module, statement)
        if not rest:
            for statement in module.statements:
                self._reach(module, statement)
            for target in module.imports.values() if module.is_package else ():
                self._resolve([*target])
        elif rest[0] in module.defined:
            for definition in module.defined[rest[0]]:
                self._reach(module, definition)
        elif rest[0] in module.imports:
            self._resolve([*module.imports[rest[0]], *rest[1:]])
        elif module.is_package:
            # Last, as in Python: what a package imports under the name of a submodule hides the submodule.
            self._resolve([f"{module.name}.{rest[0]}", *rest[1:]])

    def _module(self, name: str) -> _Module | None:
        if name not in self._modules:
            parts = name.split(".")
            if parts[0] != self._root.name:
                return None
            base = self._root.joinpath(*parts[1:])
            path = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
            if not path.is_file():
                return None
            self._modules[name] = _parsed(name, base.is_dir(), path.read_text(encoding="utf-8"))
        return self._modules[name]


@cache
def _parsed(name: str, is_package: bool, source: str) -> _Module:
    """A module, parsed once for all the questions that reach it."""
    module = _Module(name, is_package, without_docstring(ast.parse(source).body))
    _bind(module)
    return module


def _bind(module: _Module) -> None:
    for statement in module.statements:
        if isinstance(statement, Definition):
            module.defined.setdefault(statement.name, []).append(statement)
            if not all(_is_cache(decorator, module) for decorator in statement.decorator_list):
                module.always.append(statement)
            continue
        module.imports.update(_imports_in(statement, module))
        targets = _assigned(statement)
        for name in targets or ():
            module.defined.setdefault(name, []).append(statement)
        if targets is None and not _is_import(statement):
            module.always.append(statement)


def _is_cache(decorator: ast.expr, module: _Module) -> bool:
    """Whether it is `functools.cache` or `lru_cache`, which do nothing before the function is called."""
    if isinstance(decorator, ast.Call):
        given = [*decorator.args, *(keyword.value for keyword in decorator.keywords)]
        return all(isinstance(value, ast.Constant) for value in given) and _is_cache(decorator.func, module)
    head, *rest = next(_names(ast.Expr(decorator)), [""])
    path = [*module.imports.get(head, []), *rest]
    return path in (["functools", "cache"], ["functools", "lru_cache"])


def _assigned(statement: ast.stmt) -> list[str] | None:
    """Names that a plain assignment binds; None where the statement does anything else."""
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    else:
        return None
    names = [n for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)]
    plain = all(isinstance(target, ast.Name | ast.Tuple) for target in targets)
    return [name.id for name in names] if plain else None


def _is_import(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Import | ast.ImportFrom)


def _imports_in(statement: ast.stmt, module: _Module) -> dict[str, list[str]]:
    """By local name, what every import in the statement binds: a module, then an attribute path."""
    found: dict[str, list[str]] = {}
    for node in ast.walk(statement):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top, *rest = alias.name.split(".")
                found[alias.asname or top] = [top, *rest] if alias.asname else [top]
        elif isinstance(node, ast.ImportFrom):
            above = module.name.split(".")
            above = above[: len(above) - node.level + module.is_package] if node.level else []
            origin = ".".join(filter(None, [*above, node.module]))
            for alias in node.names:
                found[alias.asname or alias.name] = [origin, alias.name]
    return found


def _names(statement: ast.stmt) -> Iterator[list[str]]:
    """Every name that is used, with the attributes asked of it: ``training.fit(x)`` gives training.fit, x."""
    inner: set[ast.AST] = set()
    for node in ast.walk(statement):
        if node in inner:
            continue
        attributes: list[str] = []
        base: ast.AST = node
        while isinstance(base, ast.Attribute):
            inner.add(base)
            attributes.insert(0, base.attr)
            base = base.value
        if isinstance(base, ast.Name):
            inner.add(base)
            yield [base.id, *attributes]
