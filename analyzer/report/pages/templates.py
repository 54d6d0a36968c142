"""Jinja environments of the HTML pages: values are escaped by default, an undefined name is an error."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template


@cache
def get_environment(*folders: Path) -> Environment:
    """Return the environment that finds templates in `folders`, then beside this module."""
    return Environment(
        loader=FileSystemLoader([*folders, Path(__file__).parent]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def compile_all() -> None:
    """Compile the templates of the report, so that forked processes share them."""
    for name in get_environment().list_templates(extensions=["j2"]):
        load_template(name)


def load_template(name: str, *folders: Path) -> Template:
    """Return the compiled template of that file name."""
    return get_environment(*folders).get_template(name)
