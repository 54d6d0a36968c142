"""Requests of tests to a running service: httpx waits 5 s for an answer, which a busy machine exceeds."""

from functools import partial

import httpx

TIMEOUT_S = 60.0

request = partial(httpx.request, timeout=TIMEOUT_S)
get = partial(request, "GET")
head = partial(request, "HEAD")
patch = partial(request, "PATCH")
post = partial(request, "POST")
open_client = partial(httpx.Client, timeout=TIMEOUT_S)
