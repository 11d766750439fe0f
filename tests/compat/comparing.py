"""Compares the recordings of two daemons, step by step."""

import difflib
import json

from compat.deviations import MAPS, OBSOLETE_FIELDS, expected_of, labels_of


def differences(scenario, oracle_steps, oracle_values, our_steps, our_values, deviations_apply):
    """A list of readable differences, empty when the daemons agree except where the specification says otherwise."""
    labels = {step.label for step in oracle_steps}
    found = [
        f"the table of deviations names a step that is not there: {label}"
        for label in labels_of(scenario.name)
        if label not in labels
    ]
    for number, step in enumerate(oracle_steps):
        if number >= len(our_steps):
            found.append(f"step {number + 1} is missing: {step.title}")
            break
        expected = dict(oracle_values[number])
        if deviations_apply:
            expected = expected_of(scenario.name, step.label, expected)
        for name, wanted in expected.items():
            actual = our_values[number].get(name, "(absent)")
            if not _equal(step.kind, name, wanted, actual):
                found.append(f"step {number + 1}, {name}: {step.title}\n{_diff(step.kind, name, wanted, actual)}")
    return found


def _equal(kind, name, wanted, actual):
    if hasattr(wanted, "fullmatch"):
        return wanted.fullmatch(actual) is not None
    if kind == "shape" and name == "shape":
        return not missing_in(json.loads(wanted), json.loads(actual))
    return wanted == actual


def _diff(kind, name, wanted, actual):
    if hasattr(wanted, "fullmatch"):
        return f"    must match: {wanted.pattern}\n    but is:     {actual!r}"
    if kind == "shape" and name == "shape":
        return "\n".join(f"    {line}" for line in missing_in(json.loads(wanted), json.loads(actual)))
    lines = difflib.unified_diff(wanted.splitlines(), actual.splitlines(), "expected", "actual", lineterm="", n=1)
    text = "\n".join(f"    {line}" for line in lines)
    return text or f"    expected {wanted!r}\n    actual   {actual!r}"


def missing_in(wanted, actual, path=""):
    """What of the wanted shape the actual one lacks. A null says nothing about the type on the other side."""
    where = path or "the reply"
    if "null" in (wanted, actual):
        return [] if wanted in ("null", "string") or isinstance(wanted, (dict, list)) else [f"{where} is null"]
    if isinstance(wanted, dict):
        if not isinstance(actual, dict):
            return [f"{where} is {_kind(actual)}, not an object"]
        problems = []
        for key, inner in wanted.items() if not path.endswith(MAPS) else ():
            here = f"{path}.{key}"
            if key not in actual and here.endswith(tuple(OBSOLETE_FIELDS)):
                continue
            problems += missing_in(inner, actual[key], here) if key in actual else [f"{here} is missing"]
        return problems
    if isinstance(wanted, list):
        if not isinstance(actual, list):
            return [f"{where} is {_kind(actual)}, not a list"]
        return missing_in(wanted[0], actual[0], path + "[]") if wanted and actual else []
    return [] if wanted == actual else [f"{where} is {_kind(actual)}, not a {wanted}"]


def _kind(shape):
    return "an object" if isinstance(shape, dict) else "a list" if isinstance(shape, list) else f"a {shape}"
