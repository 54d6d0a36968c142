"""Load the libraries that every clip needs: the process that children are forked from imports only this module.

It must not start a thread, because a fork copies only the forking thread; movements of other packages are therefore
loaded by the children.
"""

import os
from contextlib import suppress
from importlib import import_module
from pkgutil import resolve_name

from analyzer.analysis.later_steps import CHART, MEASURING, REPORTING, load
from analyzer.process_memory import configure_process
from analyzer.sandbox import check_confinement

_MODULES = (
    "pandas",
    "analyzer.cli.main",  # a child loads its main program again
    "analyzer.analysis.outputs",
    "analyzer.analysis.tracking",
    "mediapipe.tasks.python.core.mediapipe_c_bindings:load_raw_library",  # once, not in each child
)

configure_process()  # before the libraries are loaded
os.environ.setdefault("JE_ARROW_MALLOC_CONF", "background_thread:false")  # no thread by the allocator of pyarrow
for _name in (*_MODULES, *MEASURING, *REPORTING, CHART):
    with suppress(Exception):  # a child meets the same error and reports it
        load(_name)
check_confinement()  # loads the libraries that confine a child
for _entry in resolve_name("analyzer.movements.registry:list_entry_points")():
    if _entry.module.startswith("analyzer."):
        import_module(_entry.module)
