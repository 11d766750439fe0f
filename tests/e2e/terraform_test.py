"""The Terraform module of deploy/terraform, read as Terraform reads it. Its provider's schema is not at hand, so what
is checked is the module itself: that it parses, and that whatever is referred to is there."""

import json
import re
import shutil
import subprocess
import unittest
from pathlib import Path

import hcl2
from support.paths import REPOSITORY

MODULE = REPOSITORY / "deploy" / "terraform"
TERRAFORM = shutil.which("terraform")
TEXT_ONLY = {"description", "__comments__"}

REFERENCE = re.compile(r"(?<![\w.])(?:(var|local)\.(\w+)|data\.(\w+)\.(\w+)|(aws_\w+)\.(\w+))")
TEMPLATE_VARIABLE = re.compile(r"\$\{(\w+)\}")
TEMPLATE_CALL = re.compile(r'templatefile\("\$\{path\.module\}/([^"]+)", \{([^}]*)\}\)')


def names(blocks, depth):
    """The labels of blocks, as tuples: ("aws_vpc", "chosen") for a depth of two."""
    for block in blocks:
        for label, inner in block.items():
            if label.startswith("__"):
                continue
            label = label.strip('"')
            if depth == 1:
                yield (label,)
            else:
                yield from ((label, *rest) for rest in names([inner], depth - 1))


def strings(value):
    """Every expression of a parsed file; not what is only for people."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in TEXT_ONLY:
                yield from strings(item)


class Module:
    """`declared` and `used` hold tuples such as ("var", "name"), ("data", "aws_vpc", "chosen")."""

    def __init__(self, texts):
        files = [hcl2.loads(text) for text in texts]
        self.declared, self.used = set(), set()
        for parsed in files:
            self.declared |= {("var", *name) for name in names(parsed.get("variable", []), 1)}
            self.declared |= {("local", *name) for name in names(parsed.get("locals", []), 1)}
            self.declared |= {("data", *name) for name in names(parsed.get("data", []), 2)}
            self.declared |= set(names(parsed.get("resource", []), 2))
        self.expressions = list(strings(files))
        for expression in self.expressions:
            for kind, name, source, datum, resource, own in REFERENCE.findall(expression):
                self.used.add((kind, name) if kind else ("data", source, datum) if source else (resource, own))

    def missing(self):
        return self.used - self.declared


class Terraform(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.module = Module([path.read_text() for path in sorted(MODULE.glob("*.tf"))])

    def test_whatever_is_referred_to_is_declared(self):
        self.assertEqual(self.module.missing(), set())
        self.assertLessEqual({("var", "log_group"), ("aws_iam_role", "task")}, self.module.used)

    def test_whatever_is_declared_for_use_is_used(self):
        passive = {each for each in self.module.declared - self.module.used if each[0] in ("var", "local", "data")}
        self.assertEqual(passive, set())

    def test_a_reference_to_nothing_would_be_found(self):
        text = 'resource "aws_ecs_cluster" "one" {\n  name = "${var.nme}-${local.a}-${aws_iam_role.x.arn}"\n}\n'
        self.assertEqual(Module([text]).missing(), {("var", "nme"), ("local", "a"), ("aws_iam_role", "x")})

    def test_the_policys_template_gets_what_it_needs(self):
        call = next(filter(None, map(TEMPLATE_CALL.search, self.module.expressions)))
        template = (MODULE / call.group(1)).read_text()
        given = set(re.findall(r"(\w+) =", call.group(2)))
        self.assertEqual(given, set(TEMPLATE_VARIABLE.findall(template)))
        self.assertEqual(json.loads(template)["Version"], "2012-10-17")

    def test_the_environment_names_options_of_the_daemon(self):
        output = (MODULE / "outputs.tf").read_text()
        variables = re.findall(r"^ +([A-Z_]+)=", output, re.MULTILINE)
        self.assertGreater(len(variables), 5)
        page = (REPOSITORY / "docs" / "configuration.md").read_text()
        self.assertEqual([name for name in variables if f"`{name}`" not in page], [])

    @unittest.skipUnless(TERRAFORM, "no terraform on this machine")
    def test_terraform_itself_reads_it(self):
        done = subprocess.run(
            [TERRAFORM, f"-chdir={MODULE}", "fmt", "-check", "-diff"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={"PATH": "/usr/bin:/bin", "HOME": str(Path.home()), "CHECKPOINT_DISABLE": "1"},
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
