"""The pages' templates: escaped by default, and an unknown name in one is an error."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def compile_all() -> None:
    """Compile every template, for those that are asked for later."""
    for name in _ENVIRONMENT.list_templates(extensions=["j2"]):
        template(name)


def template(name: str) -> Template:
    """The template of that file name beside this module."""
    return _ENVIRONMENT.get_template(name)
