"""What `make install` puts into a folder is all that the daemon needs of ours."""

import pathlib
import subprocess
import tempfile
import unittest

import grpc
import numpy
import tensors
from daemon import BUILD, Daemon
from tritonclient.grpc import service_pb2_grpc

SYSTEM = ("/usr/", "/lib", "/dev/", "/etc/")


class ReleaseTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory())) / "release"
        install = ["cmake", "--install", BUILD, "--prefix", cls.folder, "--strip"]
        subprocess.run(install, check=True, capture_output=True)

    def serve(self) -> Daemon:
        daemon = Daemon()
        daemon.command[0] = str(self.folder / "bin" / "weir")
        return self.enterContext(daemon)

    def test_holds_what_the_scripts_of_deploy_look_for(self):
        self.assertEqual([path.name for path in (self.folder / "bin").iterdir()], ["weir"])
        self.assertEqual({path.name for path in self.folder.iterdir()}, {"bin", "lib"})
        modules = {path.name for path in (self.folder / "lib" / "weir").glob("libweir_*")}
        self.assertEqual(modules, {"libweir_torch.so"})

    def test_answers_with_the_libtorch_that_it_brought(self):
        daemon = self.serve()
        x = numpy.arange(256, dtype=numpy.float32).tobytes()
        request = tensors.request_of("identity", {"x": ("FP32", [1, 256], x)})
        with grpc.insecure_channel(daemon.grpc) as channel:
            answer = service_pb2_grpc.GRPCInferenceServiceStub(channel).ModelInfer(request)
        self.assertEqual(list(answer.raw_output_contents), [x])
        maps = pathlib.Path(f"/proc/{daemon.process.pid}/maps").read_text()
        files = {words[5] for words in map(str.split, maps.splitlines()) if len(words) > 5}
        ours = {path for path in files if path[0] == "/" and not path.startswith(SYSTEM)}
        strangers = {path for path in ours if not path.startswith(str(self.folder.resolve()))}
        self.assertEqual(strangers, set())
        self.assertTrue(any(path.endswith("libtorch_cpu.so") for path in ours))


if __name__ == "__main__":
    unittest.main()
