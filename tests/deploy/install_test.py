"""Runs install.sh and uninstall.sh on a Mac of fakes."""

import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import mac  # noqa: E402

START = ["enable", "bootstrap", "kickstart"]


class ScriptCase(unittest.TestCase):
    user_id = 0

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.mac = mac.Mac(pathlib.Path(folder.name), self.user_id)

    def install(self, *arguments: str, ends: int = 0) -> str:
        result = self.mac.install(*arguments)
        self.assertEqual(result.returncode, ends, result.stdout)
        return result.stdout

    def install_first(self) -> None:
        self.install("--config", str(self.mac.config))
        self.mac.forget_calls()


class DaemonInstallTest(ScriptCase):
    def test_installs_and_starts_what_becomes_ready(self):
        self.assertIn("is ready", self.install("--config", str(self.mac.config)))
        self.assertEqual(self.mac.changes(), START)
        self.assertEqual(self.mac.loaded()["Label"], mac.LABEL)
        self.assertIn("# 1 ready", self.mac.program.read_text())
        self.assertEqual(self.mac.module.read_text(), "1")
        self.assertEqual(
            self.mac.plist.read_text(), (mac.LAUNCHD / f"{mac.LABEL}.plist").read_text()
        )
        self.assertTrue(self.mac.models.is_dir())

    def test_keeps_the_configuration_from_others(self):
        self.install_first()
        self.assertEqual(self.mac.installed_config.stat().st_mode & 0o777, 0o640)
        self.assertEqual(self.mac.models.parent.stat().st_mode & 0o777, 0o750)

    def test_makes_the_user_once_with_a_free_number(self):
        self.install("--config", str(self.mac.config))
        self.assertIn("dscl . -create /Users/_weir UniqueID 302", self.mac.calls("dscl"))
        self.mac.forget_calls()
        self.install("--restart")
        self.assertFalse([call for call in self.mac.calls("dscl") if "-create" in call])

    def test_checks_the_configuration_before_it_changes_anything(self):
        self.mac.make_release("1", check=2)
        self.assertIn("nothing was changed", self.install("--config", str(self.mac.config), ends=1))
        self.assertEqual(
            self.mac.calls("weir"), [f"weir config check --config {self.mac.config}"]
        )
        self.assertEqual((self.mac.changes(), self.mac.files()), ([], {}))

    def test_wants_a_configuration_the_first_time(self):
        self.assertIn("give one with --config", self.install(ends=1))
        self.assertEqual((self.mac.changes(), self.mac.files()), ([], {}))

    def test_finds_nothing_to_do_the_second_time(self):
        self.install_first()
        before = self.mac.files()
        self.assertIn("up to date", self.install("--config", str(self.mac.config)))
        self.assertEqual((self.mac.changes(), self.mac.files()), ([], before))

    def test_drains_before_it_starts_the_new_one(self):
        self.install_first()
        self.mac.make_release("2")
        self.install()
        self.assertEqual(self.mac.changes(), ["bootout", *START])
        self.assertIn("# 2 ready", self.mac.program.read_text())
        self.assertEqual(self.mac.module.read_text(), "2")

    def test_leaves_no_old_files_beside_the_new(self):
        self.install_first()
        before = self.mac.files()
        self.mac.make_release("2")
        self.install("--config", str(self.mac.config))
        self.assertEqual(self.mac.files().keys(), before.keys())

    def test_sees_that_only_a_module_has_changed(self):
        self.install_first()
        (self.mac.release / "lib" / "weir" / "libweir_torch.so").write_text("2")
        self.install()
        self.assertEqual(self.mac.module.read_text(), "2")

    def test_starts_anew_on_request(self):
        self.install_first()
        self.install("--restart")
        self.assertEqual(self.mac.changes(), ["bootout", *START])

    def test_waits_for_a_drain_that_outlasts_bootout(self):
        self.install_first()
        self.mac.mark("slow_bootout")
        self.install("--restart")
        self.assertEqual(self.mac.changes(), ["bootout", *START])

    def test_keeps_a_changed_configuration_where_none_is_given(self):
        self.install_first()
        self.mac.installed_config.write_text("drain: {deadline: 20s}\n")
        self.mac.make_release("2")
        self.install()
        self.assertIn("20s", self.mac.installed_config.read_text())

    def test_says_in_a_dry_run_what_it_would_do(self):
        text = self.install("--dry-run", "--config", str(self.mac.config))
        self.assertIn(f"would run: launchctl bootstrap system {self.mac.plist}", text)
        self.assertEqual((self.mac.changes(), self.mac.files()), ([], {}))

    def test_refuses_without_root_and_without_launchd(self):
        (self.mac.state / "id").write_text("501\n")
        self.assertIn("needs root", self.install("--config", str(self.mac.config), ends=1))
        (self.mac.tools / "launchctl").unlink()
        self.assertIn("for macOS", self.install("--config", str(self.mac.config), ends=1))

    def test_refuses_arguments_that_it_does_not_know(self):
        self.assertIn("--fast", self.install("--fast", ends=1))
        self.assertIn("needs a value", self.install("--config", ends=1))
        self.assertIn("1 to 9999", self.install("--ready-seconds", "soon", ends=1))


class RollBackTest(ScriptCase):
    def test_leaves_nothing_where_there_was_nothing(self):
        self.mac.make_release("1", becomes="wedged")
        self.assertIn("not ready within 3 s", self.install(
            "--config", str(self.mac.config), "--ready-seconds", "3", ends=1))
        self.assertEqual(self.mac.changes(), [*START, "bootout"])
        self.assertEqual((self.mac.files(), self.mac.loaded()), ({}, None))

    def test_brings_back_the_old_when_the_new_is_not_ready(self):
        self.install_first()
        before = self.mac.files()
        self.mac.make_release("2", becomes="wedged")
        self.mac.config.write_text("drain: {deadline: 1s}\n")
        text = self.install(
            "--config", str(self.mac.config), "--ready-seconds", "3", ends=1
        )
        self.assertIn("the service runs as before", text)
        self.assertEqual(self.mac.files(), before)
        self.assertEqual(self.mac.changes(), ["bootout", *START, "bootout", *START])

    def test_says_when_the_old_does_not_run_either(self):
        self.mac.make_release("1")
        self.install_first()
        self.mac.program.write_text("#!/bin/sh\n# wedged\n")
        self.mac.make_release("2", becomes="wedged")
        text = self.install("--ready-seconds", "3", ends=1)
        self.assertIn("does not run either", text)

    def test_keeps_the_old_file_that_could_not_be_moved_away(self):
        self.install_first()
        before = self.mac.files()
        self.mac.make_release("2")
        self.mac.mark("broken_mv")
        self.assertIn("the service runs as before", self.install(ends=1))
        self.assertEqual(self.mac.files(), before)

    def test_goes_on_from_a_run_that_was_killed_in_the_middle(self):
        self.install_first()
        before = self.mac.files()
        self.mac.program.rename(f"{self.mac.program}.before")
        pathlib.Path(f"{self.mac.module.parent}.new").mkdir()
        self.assertIn("up to date", self.install())
        self.assertEqual(self.mac.files(), before)

    def test_refuses_while_something_else_answers(self):
        self.mac.mark("stranger")
        self.assertIn("something else answers", self.install(
            "--config", str(self.mac.config), ends=1))
        self.assertEqual((self.mac.changes(), self.mac.files()), ([], {}))

    def test_changes_no_file_while_the_old_one_does_not_end(self):
        self.install_first()
        before = self.mac.files()
        self.mac.mark("never_ends")
        self.mac.make_release("2")
        self.assertIn("did not end within", self.install(ends=1))
        self.assertEqual(self.mac.files(), before)


class AgentInstallTest(ScriptCase):
    user_id = 501

    def test_installs_into_the_home_folder(self):
        self.install("--agent", "--config", str(self.mac.config))
        self.assertIn(
            f"launchctl bootstrap gui/501 {self.mac.plist}", self.mac.calls("launchctl")
        )
        self.assertEqual(self.mac.calls("dscl") + self.mac.calls("chown"), [])
        self.assertTrue(self.mac.models.is_dir())

    def test_writes_any_home_folder_into_the_plist(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.mac = mac.Mac(pathlib.Path(folder.name), self.user_id, home="R&D |<x>\\--")
        self.install("--agent", "--config", str(self.mac.config))
        service = self.mac.loaded()
        self.assertEqual(service["ProgramArguments"][0], f"{self.mac.home}/.weir/bin/weir")
        self.assertEqual(service["EnvironmentVariables"]["HOME"], str(self.mac.home))
        self.assertNotIn("@HOME@", self.mac.plist.read_text())

    def test_refuses_root(self):
        (self.mac.state / "id").write_text("0\n")
        self.assertIn("without sudo", self.install(
            "--agent", "--config", str(self.mac.config), ends=1))


class UninstallTest(ScriptCase):
    def uninstall(self, *arguments: str, ends: int = 0) -> str:
        result = self.mac.uninstall(*arguments)
        self.assertEqual(result.returncode, ends, result.stdout)
        return result.stdout

    def test_drains_and_removes_the_program_but_keeps_what_is_the_users(self):
        self.install_first()
        self.assertIn("is gone", self.uninstall())
        self.assertEqual(self.mac.changes(), ["bootout"])
        self.assertEqual(list(self.mac.files()), ["usr/local/etc/weir/weir.yaml"])
        self.assertTrue(self.mac.models.is_dir())

    def test_finds_nothing_to_do_the_second_time(self):
        self.install_first()
        self.uninstall()
        self.mac.forget_calls()
        self.assertIn("is not installed", self.uninstall())
        self.assertEqual(self.mac.changes(), [])

    def test_removes_everything_on_request(self):
        self.install_first()
        self.uninstall("--purge")
        self.assertEqual(self.mac.files(), {})
        self.assertFalse(self.mac.models.exists())

    def test_removes_nothing_while_the_service_runs(self):
        self.install_first()
        before = self.mac.files()
        self.mac.mark("never_ends")
        self.assertIn("nothing was removed", self.uninstall(ends=1))
        self.assertEqual(self.mac.files(), before)

    def test_says_in_a_dry_run_what_it_would_do(self):
        self.install_first()
        before = self.mac.files()
        text = self.uninstall("--dry-run", "--purge")
        self.assertIn(f"would run: launchctl bootout system/{mac.LABEL}", text)
        self.assertEqual((self.mac.changes(), self.mac.files()), ([], before))


if __name__ == "__main__":
    unittest.main()
