"""Starts the release build of `varve serve` several times on fresh directories and prints the medians of the
time from exec to the first answered /readyz, of the resident memory of the idle node, and of the time to end
after SIGTERM. Usage: python3 Benchmarks/node.py PATH-OF-VARVE"""

import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

RUNS = 9


def ask(port):
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"GET /readyz HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
        answer = b""
        while part := client.recv(65536):
            answer += part
    assert answer.startswith(b"HTTP/1.1 200 "), answer


def resident_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return int(re.search(r"VmRSS:\s+(\d+) kB", status.read()).group(1))


def run(varve):
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        node = subprocess.Popen(
            [varve, "serve", "--data", os.path.join(folder, "data"), "--set", "admin.listen=127.0.0.1:0"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            for line in node.stderr:
                if match := re.search(r"msg=listening address=127\.0\.0\.1:(\d+)", line):
                    ask(int(match.group(1)))
                    break
            ready = time.monotonic() - began
            memory = resident_kib(node.pid)
            ending = time.monotonic()
            node.send_signal(signal.SIGTERM)
            node.stderr.read()
            code = node.wait()
            assert code == 0, code
            return ready * 1000, memory / 1024, (time.monotonic() - ending) * 1000
        finally:
            if node.poll() is None:
                node.kill()


def main():
    figures = [run(sys.argv[1]) for _ in range(RUNS)]
    for name, unit, goal, values in zip(
            ("ready after", "resident when idle", "ended after SIGTERM"), ("ms", "MiB", "ms"),
            ("under 100", "under 25", "none"), zip(*figures)):
        print(f"{name:34} {statistics.median(values):6.1f} {unit}  "
              f"[{min(values):.1f} .. {max(values):.1f}]   goal: {goal}")


main()
