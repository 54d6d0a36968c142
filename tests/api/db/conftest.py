"""Two owners in an empty database."""

import pytest

from api.db import owners


@pytest.fixture
def ann(database):
    with database.session() as session:
        return owners.create(session, "ann").id


@pytest.fixture
def bob(database):
    with database.session() as session:
        return owners.create(session, "bob").id
