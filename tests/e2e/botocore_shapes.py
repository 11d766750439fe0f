"""Compares raw JSON answers with botocore's model of the service, which its own parser does not insist on."""

import json

_KINDS = {
    "string": str,
    "character": str,
    "blob": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "structure": dict,
    "map": dict,
    "list": list,
}


def problems_in_answer(operation_model, body):
    """What in the answer is not as the model says: unknown members, wrong types, missing required ones."""
    if operation_model.output_shape is None or operation_model.metadata.get("protocol") == "query":
        return []
    if not operation_model.service_model.metadata.get("protocol", "").startswith("json"):
        return []
    text = body.decode() if isinstance(body, bytes) else body
    return list(_problems(operation_model.output_shape, json.loads(text or "{}"), operation_model.name))


def _problems(shape, value, path):
    kind = shape.type_name
    if value is None:
        yield f"{path} is null"
        return
    if kind in ("timestamp", "float", "double"):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            yield f"{path} is {value!r}, not a number"
        return
    if not isinstance(value, _KINDS[kind]) or (kind in ("integer", "long") and isinstance(value, bool)):
        yield f"{path} is {type(value).__name__}, not {kind}"
        return
    if kind == "structure":
        for name in shape.required_members:
            if name not in value:
                yield f"{path}.{name} is missing"
        for name, inner in value.items():
            if name not in shape.members:
                yield f"{path}.{name} is unknown to AWS"
            else:
                yield from _problems(shape.members[name], inner, f"{path}.{name}")
    elif kind == "list":
        for number, inner in enumerate(value):
            yield from _problems(shape.member, inner, f"{path}[{number}]")
    elif kind == "map":
        for name, inner in value.items():
            yield from _problems(shape.value, inner, f"{path}.{name}")
    elif kind == "string" and shape.enum and value not in shape.enum:
        yield f"{path} is {value!r}, not one of {', '.join(shape.enum)}"
