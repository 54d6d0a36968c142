"""The clip facts table: Excel variants, matching of clips, and errors that a user can fix."""

from pathlib import Path

import pytest

from analyzer.batch.clip_facts import FactsError, FactsRow, read_facts
from analyzer.movements.registry import find_variant_problem

FILES = ("anna/hinge.mp4", "ben/hinge.mp4", "ben/plank.MOV", "größe.mp4")


@pytest.fixture
def table(tmp_path: Path):
    def read(content: str | bytes, files=FILES):
        path = tmp_path / "clips.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_facts(path, tmp_path, files)

    return read


def read_problems(table, content: str) -> list[str]:
    with pytest.raises(FactsError) as error:
        table(content)
    return str(error.value).splitlines()[1:]


def test_all_columns(table):
    facts = table(
        "file,client,movement,variant,load_kg,height_cm,subject,date,note,group\n"
        'anna/hinge.mp4,Anna,Hinge,sumo,62.5,172,"640,360",2026-03-02,"says ""easy"", today",control\n'
    )
    assert facts.by_file == {
        "anna/hinge.mp4": FactsRow(
            "Anna", "hinge", "sumo", 62.5, 172.0, "640,360", "2026-03-02", 'says "easy", today', {"group": "control"}
        )
    }
    assert facts.notes == ["clips.csv: columns that are only copied to the results: group"]


@pytest.mark.parametrize(
    "content",
    [
        "\ufefffile;client;load_kg\r\nben/plank.MOV;Ben Ä;12,5\r\n".encode(),
        "file\tclient\tload_kg\nben/plank.MOV\tBen Ä\t12,5 kg\n".encode("utf-16"),
        "File;Client;Load (kg)\nben\\plank.mov;Ben Ä;12.5\n".encode("cp1252"),
    ],
)
def test_excel_csv_is_read(table, content):
    assert table(content).by_file == {"ben/plank.MOV": FactsRow(client="Ben Ä", load_kg=12.5)}


def test_a_unique_file_name_needs_no_folder(table, tmp_path):
    content = f"file,client\nPLANK.mov,Ben\n{tmp_path}/anna/hinge.mp4,Anna\ngro\u0308ße.mp4,Cleo\n"
    assert {file: facts.client for file, facts in table(content.replace("o\u0308", "o\u0308")).by_file.items()} == {
        "ben/plank.MOV": "Ben",
        "anna/hinge.mp4": "Anna",
        "größe.mp4": "Cleo",
    }


def test_an_ambiguous_file_name_needs_its_folder(table):
    (line,) = read_problems(table, "file,client\nhinge.mp4,Anna\n")
    assert line == "line 2: hinge.mp4 is there 2 times; write its folder too: anna/hinge.mp4"


def test_a_row_without_a_clip_is_a_note(table):
    facts = table("file,client\ncarl/row.mp4,Carl\nanna/hinge.mp4,Anna\n\n")
    assert list(facts.by_file) == ["anna/hinge.mp4"]
    assert facts.notes == [
        "clips.csv line 2: carl/row.mp4 is no clip of this folder; if it was renamed or moved, correct the line"
    ]


def test_rows_of_clips_that_the_batch_leaves_out_are_no_mistakes(tmp_path):
    (tmp_path / "clips.csv").write_text("file,client\nben/hinge.mp4,Ben\nplank.MOV,Ben\nanna/hinge.mp4,Anna\n")
    facts = read_facts(tmp_path / "clips.csv", tmp_path, FILES[:1], unselected=FILES[1:])
    assert (list(facts.by_file), facts.notes) == (["anna/hinge.mp4"], [])


def test_columns_that_have_no_meaning_are_named_with_what_may_be_meant(table):
    facts = table("file,clients,movment,load,note,group\nanna/hinge.mp4,Anna,hinge,20,well done,control\n")
    assert facts.notes == [
        "clips.csv: columns that are only copied to the results: clients (did you mean client?), "
        "movment (did you mean movement?), load (did you mean load_kg?), group"
    ]


def test_invalid_lines_are_reported_with_the_expected_values(table):
    lines = read_problems(
        table,
        "file,movement,load_kg,height_cm,subject,date\n"
        "anna/hinge.mp4,deadlift,sixty,1.72,left,03/04/2026\n"
        ",hinge,,,,\n"
        "ben/plank.MOV,,-5,,,2026-02-30\n"
        "ben/hinge.mp4,,,,,\n"
        "ben/hinge.mp4,,,,,\n",
    )
    assert [line.partition(":")[0] for line in lines] == ["line 2"] * 5 + ["line 3"] + ["line 4"] * 2 + ["line 6"]
    assert "movement 'deadlift': expected" in lines[0] and "hinge" in lines[0]
    assert "expected a number of kg from 0 to 1000, such as 62.5" in lines[1] + lines[2]
    assert "expected a number of cm" in lines[2] + lines[3]
    assert any("date '03/04/2026': expected year-month-day, such as 2026-03-12" in line for line in lines)
    assert lines[-1].endswith("ben/hinge.mp4 has a line of its own already; leave one of them")


def test_a_variant_belongs_to_the_movement_of_its_line_or_else_of_the_batch(table, tmp_path):
    assert read_problems(
        table,
        "file,movement,variant\nanna/hinge.mp4,plank,sumo\nben/hinge.mp4,,blah\nben/plank.MOV,slump,sumo\n",
    ) == [
        "line 2: variant 'sumo': is not a variant of plank; choose forearm, high",
        f"line 3: variant 'blah': {find_variant_problem('auto', 'blah')}",
        "line 4: variant 'sumo': is not a variant of slump; the movement has none, so leave it out",
    ]
    facts = table("file,movement,variant\nanna/hinge.mp4,hinge,Trap Bar\nben/hinge.mp4,,sumo\n").by_file
    assert [one.variant for one in facts.values()] == ["trap_bar", "sumo"]
    with pytest.raises(FactsError, match="line 3: variant 'sumo': is not a variant of squat"):
        read_facts(tmp_path / "clips.csv", tmp_path, FILES, "squat")


@pytest.mark.parametrize("text", ["2026-03-02", "2.3.2026", "02.03.2026", "2026/3/2", "2026-03-02 10:15:00"])
def test_dates(table, text):
    assert table(f"file,date\nanna/hinge.mp4,{text}\n").by_file["anna/hinge.mp4"].date == "2026-03-02"


@pytest.mark.parametrize("content", ["", "clip,client\na,b\n", "file,file\na,b\n", b"PK\x03\x04\0\0"])
def test_invalid_table_is_reported(table, content):
    with pytest.raises(FactsError, match=r"^clips.csv: "):
        table(content)


def test_missing_table_is_reported(tmp_path):
    with pytest.raises(FactsError, match="cannot be read"):
        read_facts(tmp_path / "none.csv", tmp_path, FILES)


def test_a_long_list_of_invalid_lines_is_shortened(table):
    lines = read_problems(table, "file,load_kg\n" + "anna/hinge.mp4,x\n" * 50)
    assert len(lines) == 21 and lines[-1].startswith("and ")
