#!/usr/bin/env python3
"""Writes an OpenAPI description in YAML as JSON, for the tests that validate answers against it.

Usage: openapi_to_json.py DESCRIPTION.yaml OUTPUT.json
"""

import json
import sys

import yaml


class PlainLoader(yaml.SafeLoader):
    """Leaves times as the text that they are: examples are full of them."""


PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def without_prose(node):
    """Descriptions and examples are most of the document, and no test reads them."""
    if isinstance(node, dict):
        return {
            str(key): without_prose(value)
            for key, value in node.items()
            if key not in ("example", "examples") and not (key == "description" and isinstance(value, str))
        }
    if isinstance(node, list):
        return [without_prose(item) for item in node]
    return node


def main():
    source, target = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        document = yaml.load(file, PlainLoader)
    kept = {key: without_prose(document[key]) for key in ("paths", "definitions", "responses") if key in document}
    with open(target, "w", encoding="utf-8") as file:
        json.dump(kept, file)


if __name__ == "__main__":
    main()
