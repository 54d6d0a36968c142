"""Every section of docs/sources.md that the code cites exists."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CITATION = re.compile(r"\b[sS]ources (\d(?:\.\d)?)(?: and (\d(?:\.\d)?))?\b")
OLD_CITATION = re.compile(r"\bdomain,? (?:fact )?\d", re.IGNORECASE)
SECTIONS = set(
    re.findall(r"^#{2,3} (\d(?:\.\d)?)\b", (ROOT / "docs" / "sources.md").read_text(encoding="utf-8"), re.MULTILINE)
)
FILES = [
    path
    for folder in ("analyzer", "api", "benchmarks", "tests", "docs")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in {".py", ".toml", ".js", ".md"} and path != Path(__file__).resolve()
]


def find_citations(text: str) -> set[str]:
    return {number for pair in CITATION.findall(text) for number in pair if number}


def test_citations_are_found_in_every_form():
    assert find_citations("# chosen; sources 2.5\n# Sources 6 and 7: none; sources 3") == {"2.5", "6", "7", "3"}


def test_every_cited_section_exists():
    cited = {(path.name, number) for path in FILES for number in find_citations(path.read_text(encoding="utf-8"))}
    assert len(cited) > 20
    assert sorted(one for one in cited if one[1] not in SECTIONS) == []


def test_no_citation_names_a_page_that_is_not_part_of_the_repository():
    assert [path.name for path in FILES if OLD_CITATION.search(path.read_text(encoding="utf-8"))] == []
