"""Runs the layering checker on the tree, and shows what it finds in a bad one."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import layering  # noqa: E402


def header(path: str, body: str = "", top: str = "// A noun.\n//\n// Thread-safety: none.\n") -> str:
    guard = "WEIR_" + path.upper().replace("/", "_").replace(".", "_") + "_"
    return f"{top}#ifndef {guard}\n#define {guard}\n{body}#endif  // {guard}\n"


def breaches(**files: str) -> list[str]:
    """Keys spell a path: backend__slot_h is backend/slot.h."""
    tree = {}
    for key, text in files.items():
        stem, suffix = key.replace("__", "/").rsplit("_", 1)
        tree[f"{stem}.{suffix}"] = text
    return layering.Tree(tree).breaches()


class TreeTest(unittest.TestCase):
    # R57: among the rest, every public header states its thread contract.
    def test_this_tree_keeps_its_fences(self):
        tree = layering.read_tree(layering.ROOT)
        self.assertGreater(len(tree.files), 5)
        self.assertEqual(tree.breaches(), [])


class IncludeTest(unittest.TestCase):
    def assert_refused(self, path_key: str, include: str):
        found = breaches(**{path_key: f"#include {include}\n"})
        self.assertTrue(any("may not include" in breach for breach in found), found)

    def assert_allowed(self, path_key: str, include: str):
        self.assertEqual(breaches(**{path_key: f"#include {include}\n"}), [])

    def test_lets_a_folder_look_down(self):
        self.assert_allowed("backend__slot_cc", '"backend/slot.h"')
        self.assert_allowed("backend__slot_cc", '"sync/mutex.h"')
        self.assert_allowed("server__pipeline__worker_cc", '"backend/slot_pool.h"')
        self.assert_allowed("server__pipeline__worker_cc", '"server/telemetry/metrics.h"')
        self.assert_allowed("tests__pipeline__worker_test_cc", '"backend/fake/script.h"')
        self.assert_allowed("config__config_cc", '"yaml-cpp/yaml.h"')
        self.assert_allowed("sync__thread_cc", "<pthread.h>")
        self.assert_allowed("cli__selftest_cc", '"backend/self_test_child.h"')
        self.assert_allowed("cli__selftest_cc", "<CLI/CLI.hpp>")
        self.assert_allowed("clients__cpp__client_cc", '"inference/grpc_service.grpc.pb.h"')
        self.assert_allowed("server__rpc__infer_reactor_cc", '"server/rpc/wire/infer_call.h"')
        self.assert_allowed("server__rpc__wire__infer_call_cc", '"inference/grpc_service.pb.h"')

    def test_refuses_a_folder_that_looks_up_or_sideways(self):
        self.assert_refused("sync__mutex_cc", '"config/config.h"')
        self.assert_refused("backend__slot_cc", '"server/pipeline/request.h"')
        self.assert_refused("backend__slot_cc", '"backend/fake/script.h"')
        self.assert_refused("server__pipeline__worker_cc", '"server/telemetry/log.h"')
        self.assert_refused("server__pipeline__worker_cc", '"backend/torch/slot.h"')
        self.assert_refused("cli__ps_cc", '"server/pipeline/worker.h"')
        self.assert_refused("server__rpc__wire__call_cc", '"server/rpc/infer_reactor.h"')
        self.assert_refused("server__rpc__wire__call_cc", '"inference/grpc_service.grpc.pb.h"')
        self.assert_refused("server__rpc__wire__call_cc", "<grpcpp/grpcpp.h>")
        self.assert_refused("cli__ps_cc", '"backend/slot_pool.h"')
        self.assert_refused("clients__cpp__client_cc", '"config/config.h"')
        self.assert_refused("tests__sync__mutex_test_cc", '"backend/slot.h"')

    def test_refuses_a_third_party_header_outside_its_folder(self):
        self.assert_refused("server__pipeline__worker_cc", "<grpcpp/grpcpp.h>")
        self.assert_refused("server__server_cc", "<torch/script.h>")
        self.assert_refused("backend__slot_cc", "<c10/core/Stream.h>")
        self.assert_refused("backend__torch__slot_cc", '"absl/log/log.h"')
        self.assert_refused("sync__mutex_cc", '"absl/strings/str_cat.h"')
        self.assert_refused("server__pipeline__worker_cc", "<yaml-cpp/yaml.h>")
        self.assert_refused("server__pipeline__worker_cc", "<civetweb.h>")
        self.assert_refused("backend__slot_cc", "<CLI/CLI.hpp>")
        self.assert_refused("server__pipeline__worker_cc", '"inference/grpc_service.pb.h"')

    def test_refuses_a_third_party_header_that_leaks_through_one_of_ours(self):
        found = breaches(
            config__walk_h=header("config/walk.h", "#include <yaml-cpp/yaml.h>\n"),
            config__config_h=header("config/config.h", '#include "config/walk.h"\n'),
            backend__slot_cc='#include "config/config.h"\n',
        )
        self.assertEqual(
            found,
            ['backend/slot.cc: "yaml-cpp/yaml.h" of config/ leaks in through "config/walk.h"'],
        )

    def test_refuses_a_folder_it_does_not_know(self):
        self.assertIn("has no fence", breaches(util__misc_cc="")[0])


class HeaderTest(unittest.TestCase):
    def test_wants_the_guard_that_the_path_spells(self):
        self.assertEqual(breaches(sync__clock_h=header("sync/clock.h")), [])
        self.assertIn("WEIR_SYNC_CLOCK_H_", breaches(sync__clock_h=header("sync/time.h"))[0])

    # R57
    def test_wants_a_thread_contract_in_the_top_comment(self):
        silent = header("sync/clock.h", "// Thread-safety: too late.\n", top="// A clock.\n")
        self.assertIn("Thread-safety", breaches(sync__clock_h=silent)[0])


class WordTest(unittest.TestCase):
    def test_finds_words_that_are_not_used_here(self):
        for line in (
            "absl::Mutex mutex;",
            "absl::Notification done;",
            "std::mutex mutex;",
            "std::condition_variable changed;",
            "std::thread thread;",
            "std::this_thread::sleep_for(delay);",
            "usleep(10);",
            "__attribute__((no_sanitize(\"thread\"))) void Race();",
        ):
            self.assertEqual(len(breaches(backend__slot_cc=line + "\n")), 1, line)

    def test_leaves_comments_and_strings_alone(self):
        text = '// never absl::Mutex\n/* std::mutex\n*/ const char* s = "sleep_for";\n'
        self.assertEqual(breaches(backend__slot_cc=text), [])

    def test_finds_abseil_synchronization_in_an_include(self):
        text = '#include "absl/synchronization/notification.h"\n'
        self.assertEqual(len(breaches(tests__sync__a_test_cc=text)), 1)
