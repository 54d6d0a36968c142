import threading

import pytest

from analyzer.report.video.prefetch import prefetch


def test_items_come_in_order():
    assert list(prefetch(iter_of(range(50)), depth=2)) == list(range(50))


def test_an_error_is_raised_where_the_items_are_used():
    def broken():
        yield 1
        raise ValueError("no more")

    items = prefetch(broken())
    assert next(items) == 1
    with pytest.raises(ValueError, match="no more"):
        next(items)


def test_stopping_early_ends_the_thread_and_closes_the_source():
    closed = threading.Event()

    def endless():
        try:
            while True:
                yield 1
        finally:
            closed.set()

    before = threading.active_count()
    items = prefetch(endless())
    next(items)
    items.close()
    assert closed.is_set() and threading.active_count() == before


def test_no_more_than_the_depth_is_produced_ahead():
    produced = []

    def counted():
        for k in range(100):
            produced.append(k)
            yield k

    items = prefetch(counted(), depth=3)
    next(items)
    threading.Event().wait(0.2)
    assert len(produced) <= 1 + 3 + 1
    items.close()


def iter_of(values):
    yield from values
