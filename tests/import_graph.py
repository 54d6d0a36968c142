"""The graph of imports between modules, read from source with AST: nothing is imported or run.

`import_module` with a literal name counts as an import; names that are computed are not followed.
"""

import ast
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Literal, TypeGuard

ImportTime = Literal["load", "call", "typing"]
"""When an import runs: as the module is loaded, as a function is called, or only for a type checker."""

ImportNode = ast.Import | ast.ImportFrom | ast.Call

EVERY_TIME: tuple[ImportTime, ...] = ("load", "call", "typing")


@dataclass(frozen=True)
class Import:
    """One import statement: `source` imports `target`, a module of the project or the full name of another module."""

    source: str
    target: str
    when: ImportTime
    line: int

    def __str__(self) -> str:
        return f"{self.source}:{self.line} imports {self.target}"


class ImportGraph:
    """The imports of the packages below a root folder."""

    def __init__(self, root: Path, packages: Sequence[str]) -> None:
        paths = [path for package in packages for path in sorted((root / package).rglob("*.py"))]
        self.modules = {_module_name(path.relative_to(root)): path for path in paths}
        self.imports = [statement for name, path in self.modules.items() for statement in self._imports_of(name, path)]
        self._by_source: dict[str, list[Import]] = {}
        for statement in self.imports:
            self._by_source.setdefault(statement.source, []).append(statement)

    def within(self, package: str) -> list[str]:
        """Return the modules of a package, itself included."""
        return [name for name in self.modules if _is_within(name, package)]

    def between(self, package: str, target: str) -> list[Import]:
        """Return the direct imports of a package, at any time, into another one."""
        return [
            statement
            for statement in self.imports
            if _is_within(statement.source, package) and _is_within(statement.target, target)
        ]

    def find_chains(
        self, module: str, forbidden: Collection[str], when: Collection[ImportTime] = EVERY_TIME
    ) -> list[str]:
        """Return the shortest chain of imports from a module to each forbidden module that it reaches, as text.

        Parameters
        ----------
        forbidden : packages of the project or other ones; their modules are forbidden too.
        when : the kinds of import to follow; with "load" alone, what importing the module loads.
        """
        chains: dict[str, list[Import]] = {module: []}
        queue = deque([module])
        reached = []
        while queue:
            source = queue.popleft()
            for statement in [*self._by_source.get(source, ()), *_package_import(source)]:
                if statement.when not in when or statement.target in chains:
                    continue
                chains[statement.target] = [*chains[source], statement]
                if any(_is_within(statement.target, package) for package in forbidden):
                    reached.append(", ".join(map(str, chains[statement.target])))
                else:
                    queue.append(statement.target)
        return reached

    def find_cycle(self) -> list[str]:
        """Return one cycle of imports, at any time, as modules, the first one again at the end; [] if there is none.

        That Python loads the package `a` before its module `a.b` does not count as an import, or every package that
        imports one of its own modules would be a cycle.
        """
        edges: dict[str, set[str]] = {}
        for statement in self.imports:
            if statement.target in self.modules:
                edges.setdefault(statement.source, set()).add(statement.target)
        try:
            TopologicalSorter(edges).prepare()
        except CycleError as error:
            return list(reversed(error.args[1]))
        return []

    def _imports_of(self, name: str, path: Path) -> Iterator[Import]:
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        for node, when in _import_nodes(ast.parse(path.read_text(encoding="utf-8"), str(path)), "load"):
            for target in self._targets(node, package):
                yield Import(name, target, when, node.lineno)

    def _targets(self, node: ImportNode, package: str) -> Iterator[str]:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, package)
            for alias in node.names:
                full = f"{base}.{alias.name}"
                yield full if full in self.modules else base
        elif isinstance(node.args[0], ast.Constant):
            yield str(node.args[0].value)


@cache
def project_graph() -> ImportGraph:
    """Return the graph of `analyzer` and `api`; read by the first test that needs it, since it takes seconds."""
    return ImportGraph(Path(__file__).resolve().parents[1], ("analyzer", "api"))


def _package_import(module: str) -> list[Import]:
    """Return the import of a module's package, which Python loads first."""
    package = module.rpartition(".")[0]
    return [Import(module, package, "load", 1)] if package else []


def _import_nodes(node: ast.AST, when: ImportTime) -> Iterator[tuple[ImportNode, ImportTime]]:
    """Yield every import below a node, `import_module("name")` included, with the time at which it runs."""
    for child in ast.iter_child_nodes(node):
        if _is_import(child):
            yield child, when
        if isinstance(child, ast.If) and _is_type_checking(child.test):
            for statement in child.body:
                yield from _import_nodes(ast.Module([statement], []), "typing")
            for statement in child.orelse:
                yield from _import_nodes(ast.Module([statement], []), when)
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from _import_nodes(child, "call" if when == "load" else when)
        else:
            yield from _import_nodes(child, when)


def _is_type_checking(test: ast.expr) -> bool:
    return ast.unparse(test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def _is_import(node: ast.AST) -> TypeGuard[ImportNode]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        return True
    called = ast.unparse(node.func) if isinstance(node, ast.Call) and node.args else ""
    return called in ("import_module", "importlib.import_module", "__import__")


def _absolute(node: ast.ImportFrom, package: str) -> str:
    """Return the full name of the module between `from` and `import`."""
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    parts = parts[: len(parts) - node.level + 1]
    return ".".join([*parts, node.module] if node.module else parts)


def _module_name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")
