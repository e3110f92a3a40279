"""What print_telemetry prints; ctest says where it lies."""

import os
import subprocess


def printed(what: str, scene: str = "busy") -> str:
    command = [os.environ["WEIR_PRINT_TELEMETRY"], what, scene]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout
