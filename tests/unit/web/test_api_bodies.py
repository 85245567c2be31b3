"""What a program sends is taken whole or not at all: a field that is none is refused, wherever it stands."""

from typing import Any

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import TypeAdapter, ValidationError

from tests.web_service import config_for
from web.api.approvals import RecordIn
from web.app import create_app

#: An approval office sends what it has: the answer names the fields of a record that mean nothing here.
LENIENT = RecordIn.__name__


def bodies() -> list[Any]:
    """Every route of the API that takes JSON, with the type of its body."""
    found = []
    for context in iter_route_contexts(create_app(config_for("postgresql:///unused")).routes):
        route, path = context.original_route, context.path or ""
        body = route.body_field if isinstance(route, APIRoute) else None
        if body is not None and path.startswith("/api/") and not path.endswith("/photos"):
            found.append(pytest.param(body.field_info.annotation, id=f"{min(context.methods or ())} {path}"))
    return found


@pytest.mark.parametrize("body", bodies())
def test_a_body_with_a_field_that_is_none_is_refused(body: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(body).validate_python({"no_such_field": 1})
    assert ("extra_forbidden", "no_such_field") in {(one["type"], one["loc"][-1]) for one in refused.value.errors()}
    schema = TypeAdapter(body).json_schema()
    for name, part in {"body": schema, **schema.get("$defs", {})}.items():
        if "properties" in part and name != LENIENT:
            assert part.get("additionalProperties") is False, f"{name} takes fields that are none"
