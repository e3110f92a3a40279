"""Files that are damaged, and logs that nobody takes: the daemon refuses or serves."""

import pathlib
import random
import re
import shutil
import tempfile
import unittest

import numpy as np
import tensors
import tritonclient.grpc as triton
from daemon import DEMO_MODELS, Daemon
from served_case import ONE, ServedCase
from tritonclient.utils import InferenceServerException, triton_to_np_dtype

REFUSED = 2


class DamagedModelTest(unittest.TestCase):
    def damage(self, chance: random.Random, content: bytes) -> bytes:
        if chance.random() < 0.3:
            return content[: chance.randrange(len(content))]
        damaged = bytearray(content)
        for _ in range(chance.choice((1, 1, 8, 64))):
            damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        return bytes(damaged)

    def repository(self, seed: int, count: int) -> pathlib.Path:
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        chance = random.Random(seed)
        originals = sorted(path.parent for path in DEMO_MODELS.glob("*/model.yaml"))
        for number in range(count):
            original = chance.choice(originals)
            copy = folder / f"{original.name}-{number}"
            shutil.copytree(original, copy)
            file = copy / "1" / "model.pt"
            file.write_bytes(self.damage(chance, file.read_bytes()))
        return folder

    def refused(self, folder: pathlib.Path) -> set[str]:
        """Those of its models that weir refuses; each is named with a reason."""
        code, said = Daemon(folder).run()
        self.assertEqual(code, REFUSED, said)
        lines = [line for line in said.splitlines() if not line.startswith("{")]
        return set(re.findall(rf"{folder}/([a-z]+-\d+)[/:].*: \S", "\n".join(lines)))

    def ask(self, client: triton.InferenceServerClient, name: str):
        (tensor,) = client.get_model_metadata(name).inputs
        shape = [max(size, 1) for size in tensor.shape]
        given = triton.InferInput(tensor.name, shape, tensor.datatype)
        given.set_data_from_numpy(np.ones(shape, triton_to_np_dtype(tensor.datatype)))
        try:
            client.infer(name, [given])
        except InferenceServerException as error:
            codes = ("StatusCode.INTERNAL", "StatusCode.INVALID_ARGUMENT")
            self.assertIn(error.status(), codes, str(error))

    def test_refuses_a_damaged_model_or_serves_it(self):
        for seed in range(2):
            folder = self.repository(seed, count=25)
            refused = self.refused(folder)
            self.assertTrue(refused)
            for name in refused:
                shutil.rmtree(folder / name)
            with Daemon(folder) as daemon:
                client = self.enterContext(triton.InferenceServerClient(daemon.grpc))
                for path in sorted(folder.iterdir()):
                    self.ask(client, path.name)
                self.assertEqual(daemon.stop(), 0)


class LostLogTest(ServedCase):
    def assert_serves(self, *shell: str):
        self.serve({"m": {}}, prefix=("sh", "-c", f'{"; ".join(shell)} "$0" "$@"'))
        for _ in range(3):
            self.assertEqual(tensors.outputs_of(self.ask("m").result()), {"x": ONE})
            self.assertEqual(self.refusal("nobody").code, "NOT_FOUND")
        self.assertEqual(self.daemon.get("/readyz")[0], 200)
        self.assertEqual(self.daemon.stop(), 0)
        self.assertEqual(self.daemon.log_text(), "")

    def test_serves_on_where_no_file_may_grow(self):
        self.assert_serves("trap '' XFSZ", "ulimit -f 0", "exec")

    def test_serves_on_where_nobody_reads_the_log(self):
        reader = self.enterContext(tempfile.TemporaryDirectory()) + "/pipe"
        read_once = f"mkfifo {reader}; head -c 1 {reader} >{reader}.taken &"
        self.assert_serves(f"{read_once} exec 2>{reader}; printf x >&2; wait", "exec")

    def test_serves_without_a_standard_error(self):
        self.assert_serves("exec 2>&-", "exec")
