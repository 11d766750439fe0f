"""The three programs' own options."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from support.daemon import Sockerlessd, clean_environment
from support.paths import program

from e2e.base import EndToEnd, shared_registry

PROGRAMS = ("sockerlessd", "sockerless-cloud", "sockerless-agent")


def run(*command, environment=None, **options):
    return subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        timeout=30,
        env=clean_environment(environment),
        check=False,
        **options,
    )


class Programs(EndToEnd):
    def test_version_is_one_line_on_standard_output(self):
        for name in PROGRAMS:
            result = run(program(name), "--version")
            self.assertEqual((result.returncode, result.stderr), (0, ""), name)
            self.assertRegex(result.stdout, rf"\A{name} \d+\.\d+\.\d+[^\n]*\n\Z")

    def test_help_names_the_options(self):
        for name, options in (
            ("sockerlessd", ("--listen", "--state-dir", "--local", "--log-level", "--log-format")),
            ("sockerless-cloud", ("--listen", "--data-dir", "--efs", "--registry-mirror")),
            ("sockerless-agent", ("--addr", "--callback", "--install")),
        ):
            result = run(program(name), "--help")
            self.assertEqual((result.returncode, result.stderr), (0, ""), name)
            for option in options:
                self.assertIn(option, result.stdout)

    def test_unknown_option_is_named_on_standard_error(self):
        for name in PROGRAMS:
            result = run(program(name), "--no-such-option")
            self.assertNotEqual(result.returncode, 0, name)
            self.assertEqual(result.stdout, "", name)
            self.assertIn("--no-such-option", result.stderr)

    def test_bad_value_is_named_with_its_option(self):
        result = run(program("sockerlessd"), "--log-format", "nonsense", "--state-dir", "/nonexistent/state")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("log-format", result.stderr)

    def test_bad_address_is_named(self):
        with tempfile.TemporaryDirectory() as folder:
            result = run(program("sockerlessd"), "--local", "--listen", "nonsense", "--state-dir", folder)
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("nonsense", result.stderr)

    def test_local_without_root_says_what_to_type(self):
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            copy = Path(folder, "sockerlessd")
            shutil.copy(program("sockerlessd"), copy)  # the build folder may be closed to others
            result = run(
                copy,
                "--local",
                "--listen",
                f"unix://{folder}/s.sock",
                "--state-dir",
                f"{folder}/state",
                user=65534,
                group=65534,
                extra_groups=[],
                cwd="/",
            )
        self.assertNotEqual(result.returncode, 0)
        self.assertEqual(result.stdout, "")
        self.assertEqual(len(result.stderr.strip().splitlines()), 1, result.stderr)
        self.assertIn("root", result.stderr)
        self.assertIn("sudo", result.stderr)


class LogFormats(EndToEnd):
    def _log(self, *options):
        daemon = self.use(Sockerlessd(shared_registry(), options=options))
        self.cli(daemon).ok("run", "--rm", "busybox", "true")
        daemon.terminate()
        return [line for line in daemon.log().splitlines() if line]

    def test_json_lines(self):
        lines = [json.loads(line) for line in self._log("--log-format", "json")]
        self.assertTrue(any("listening" in json.dumps(line) for line in lines))
        for line in lines:
            self.assertTrue({"time", "level"} <= set(line), line)

    def test_text_lines(self):
        lines = self._log("--log-format", "text")
        self.assertTrue(any("listening" in line for line in lines), lines)

    def test_level_silences(self):
        self.assertEqual(self._log("--log-level", "error"), [])

    def test_secrets_are_not_logged(self):
        lines = self._log("--log-level", "trace")
        self.assertFalse([line for line in lines if "SOCKERLESS_AGENT_TOKEN" in line and "[secret]" not in line])
