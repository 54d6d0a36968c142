"""Defer modules that a library imports and that nothing here uses."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any


class _DeferredModule(ModuleType):
    """Stands for a module that loads when one of its names is first used."""

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self.__name__), name)


@contextmanager
def deferred_modules(*names: str) -> Iterator[None]:
    """Let the libraries imported in the block get these modules without loading them, until they use one.

    Modules that are loaded already stay as they are. (`importlib.util.LazyLoader` does not help in Python 3.11: an
    import statement loads its modules.)
    """
    deferred = {name: _DeferredModule(name) for name in names if name not in sys.modules}
    sys.modules.update(deferred)
    for name, module in deferred.items():  # `import package.module as x` reads the module from its package
        package, _, last = name.rpartition(".")
        if package in deferred:
            setattr(deferred[package], last, module)
    try:
        yield
    finally:
        for name, module in deferred.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]
