"""Texts in the source that can reach a client: templates, and sentences in code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "analyzer"

_SHOWN = re.compile(r"""\b(?:alt|title|aria-label|placeholder)="([^"]*)\"""")
_LITERAL = re.compile(r""""([^"]*)"|'([^']*)'""")


def template_texts(path: Path) -> Iterator[str]:
    """Return the texts of a template: text between tags, accessible attributes, and strings in its expressions."""
    source = path.read_text(encoding="utf-8")
    source = re.sub(r"\{#.*?#\}|<!--.*?-->", " ", source, flags=re.S)
    source = re.sub(r"<meta\b[^>]*>", " ", source)
    source = re.sub(r"<(style|script)\b.*?</\1>", " ", source, flags=re.S)
    for expression in re.findall(r"\{\{.*?\}\}|\{%.*?%\}", source, flags=re.S):
        yield from (one or other for one, other in _LITERAL.findall(expression))
    source = re.sub(r"\{\{.*?\}\}", " 0 ", source, flags=re.S)
    source = re.sub(r"\{%.*?%\}", " ", source, flags=re.S)
    yield from _SHOWN.findall(source)
    yield re.sub(r"<[^>]*>", " ", source)


def code_texts(path: Path) -> Iterator[str]:
    """Sentences in code: strings with a space in them, no docstrings, no errors; fields of an f-string read as 0."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skip: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skip.add(node.value)
        if isinstance(node, ast.JoinedStr):
            skip.update(part for part in node.values if isinstance(part, ast.Constant))
        if isinstance(node, ast.Raise):
            skip.update(ast.walk(node))
    for node in ast.walk(tree):
        text = None
        if node in skip:
            continue
        if isinstance(node, ast.JoinedStr):
            text = "".join(part.value if isinstance(part, ast.Constant) else "0" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        if text is not None and " " in text.strip():
            yield text
