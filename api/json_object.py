"""The type of JSON objects at the borders of the service: bodies, stored columns, options and OpenAPI."""

from typing import Any

JsonObject = dict[str, Any]
