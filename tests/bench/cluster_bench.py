#!/usr/bin/env python3
"""What a cluster of three real nodes costs and gives, as figures and ratios. Nothing is asserted.

    cluster_bench.py --bin FOLDER --work FOLDER [--net 127.0.32]              start, memory, load, load while watched
    cluster_bench.py ... --peer 127.0.5.1,127.0.5.2,127.0.5.3 [--port 9042]   the same load on another server, in turns
    cluster_bench.py ... --quick                                             short runs, to see that it works

Load comes from cql_load: rows of 100 bytes by key, prepared, 128 requests in flight. Throughput is a closed loop;
latency is then measured open loop at a fixed rate that all sustain (half of the slowest one's throughput), so that
waiting counts. Rounds take turns, and each figure is the median. On a shared machine only ratios mean anything.
"CPU" is what the nodes' processes used for one request.
"""
import argparse
import json
import os
import pathlib
import resource
import shutil
import socket
import statistics
import struct
import subprocess
import sys
import time

CLUSTER = "bench"
NODES = 3
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(processes):
    total = 0
    for process in processes:
        fields = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def resident_mib(process):
    for line in pathlib.Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


class Ours:
    """Three nodes of this build."""

    name = "ringside"

    def __init__(self, options):
        self.options = options
        self.port = 9042
        self.hosts = [f"{options.net}.{n}" for n in range(1, NODES + 1)]
        self.home = options.work.resolve() / "bench-home"

    def ringctl(self, *words, **options):
        environment = {**os.environ, "RINGSIDE_HOME": str(self.home)}
        return subprocess.run([self.options.bin / "ringctl", *words], env=environment, capture_output=True, text=True,
                              **options)

    def start(self):
        """Seconds from nothing to an answered SELECT of each node."""
        self.destroy()
        begun = time.monotonic()
        done = self.ringctl("cluster", "create", CLUSTER, "--nodes", str(NODES), "--net", self.options.net, "--start")
        if done.returncode:
            sys.exit(f"cluster_bench: {done.stdout}{done.stderr}")
        load(self, "--probe")
        return time.monotonic() - begun

    def processes(self):
        return [node["process"] for node in json.loads(self.ringctl("cluster", "status", CLUSTER, "--json").stdout)]

    def watch(self):
        """The explorer's subscription, as a process that takes every event."""
        environment = {**os.environ, "RINGSIDE_HOME": str(self.home)}
        return subprocess.Popen([self.options.bin / "ringctl", "events", "--cluster", CLUSTER, "--json"],
                                stdout=subprocess.DEVNULL, env=environment)

    def destroy(self):
        self.ringctl("cluster", "destroy", CLUSTER)
        shutil.rmtree(self.home, ignore_errors=True)


class Peer:
    """A server somebody else has started on this machine; its processes are found by who listens."""

    name = "peer"

    def __init__(self, options):
        self.options = options
        self.port = options.port
        self.hosts = options.peer.split(",")

    def processes(self):
        inodes = set()
        for table in ("tcp", "tcp6"):  # Java listens on IPv4 addresses by IPv6 sockets.
            for line in pathlib.Path("/proc/net", table).read_text().splitlines()[1:]:
                fields = line.split()
                address, port = fields[1].split(":")
                dotted = ".".join(str(byte) for byte in bytes.fromhex(address)[-4:][::-1])
                if dotted in self.hosts and int(port, 16) == self.port and fields[3] == "0A":
                    inodes.add(f"socket:[{fields[9]}]")
        found = set()
        for link in pathlib.Path("/proc").glob("[0-9]*/fd/*"):
            try:
                if os.readlink(link) in inodes:
                    found.add(int(link.parts[2]))
            except OSError:
                pass
        return sorted(found)


def load(server, *words):
    done = subprocess.run([server.options.bin / "cql_load", "--hosts", ",".join(server.hosts), "--port", str(server.port),
                           *map(str, words)], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"cluster_bench: {server.name}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def measure(server, operation, level, rate=0):
    """What cql_load tells, and the CPU microseconds of the nodes for one request."""
    options = server.options
    processes = server.processes()
    before = cpu_seconds(processes)
    result = load(server, "--operation", operation, "--level", level, "--rows", options.rows, "--rate", rate,
                  "--warmup", options.warmup, "--seconds", options.seconds)
    requests = result["throughput"] * (options.warmup + options.seconds)
    result["cpu"] = (cpu_seconds(processes) - before) / max(requests, 1) * 1e6
    return result


def median_of(results, figure):
    return statistics.median(result[figure] for result in results)


def compare(servers, options):
    print(f"\n{'operation':<14}{'server':<10}{'op/s':>10}{'CPU us':>9}{'p50 ms':>9}{'p99 ms':>9}{'errors':>8}  at rate")
    for operation in ("write", "read"):
        for level in ("ONE", "QUORUM"):
            closed = {s: [] for s in servers}
            opened = {s: [] for s in servers}
            for _ in range(options.rounds):
                for server in servers:
                    closed[server].append(measure(server, operation, level))
            rate = max(50, round(min(median_of(results, "throughput") for results in closed.values()) / 2, -1))
            for _ in range(options.rounds):
                for server in servers:
                    opened[server].append(measure(server, operation, level, rate))
            for server in servers:
                errors = sum(result["errors"] for result in closed[server] + opened[server])
                print(f"{operation + ' ' + level:<14}{server.name:<10}{median_of(closed[server], 'throughput'):>10.0f}"
                      f"{median_of(closed[server], 'cpu'):>9.1f}{median_of(opened[server], 'p50'):>9.2f}"
                      f"{median_of(opened[server], 'p99'):>9.2f}{errors:>8}  {rate:.0f}/s", flush=True)
            if len(servers) == 2:
                ours, peer = servers
                print(f"{'':<14}{'ratio':<10}"
                      f"{median_of(closed[ours], 'throughput') / median_of(closed[peer], 'throughput'):>10.2f}"
                      f"{median_of(closed[ours], 'cpu') / max(median_of(closed[peer], 'cpu'), 1e-9):>9.2f}"
                      f"{median_of(opened[ours], 'p50') / median_of(opened[peer], 'p50'):>9.2f}"
                      f"{median_of(opened[ours], 'p99') / median_of(opened[peer], 'p99'):>9.2f}", flush=True)


def compare_watched(ours, options):
    """Throughput with all events subscribed, beside without, in turns."""
    print(f"\n{'operation':<14}{'alone op/s':>12}{'watched':>12}{'ratio':>8}")
    for operation, level in (("write", "ONE"), ("read", "QUORUM")):
        alone, watched = [], []
        for _ in range(options.rounds):
            alone.append(measure(ours, operation, level))
            watcher = ours.watch()
            time.sleep(0.5)
            watched.append(measure(ours, operation, level))
            watcher.terminate()
            watcher.wait()
        figures = median_of(alone, "throughput"), median_of(watched, "throughput")
        print(f"{operation + ' ' + level:<14}{figures[0]:>12.0f}{figures[1]:>12.0f}{figures[1] / figures[0]:>8.2f}", flush=True)


def compare_idle(ours, wanted):
    """What connections cost a node that have said STARTUP and nothing more."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    count = min(wanted, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 100)
    node = ours.processes()[0]
    before = resident_mib(node)
    body = b"\x00\x01\x00\x0bCQL_VERSION\x00\x053.0.0"
    startup = struct.pack(">BBhBi", 5, 0, 0, 1, len(body)) + body
    idle = []
    for _ in range(count):
        connection = socket.create_connection((ours.hosts[0], ours.port))
        connection.sendall(startup)
        idle.append(connection)
        if connection.recv(9)[4] != 2:
            raise SystemExit("a connection was not READY")
    print(f"\n{count} idle connections: {resident_mib(node) - before:.1f} MiB more resident", flush=True)
    for connection in idle:
        connection.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, type=pathlib.Path, help="where ringctl and cql_load lie")
    parser.add_argument("--work", required=True, type=pathlib.Path, help="a folder for the cluster")
    parser.add_argument("--net", default="127.0.32")
    parser.add_argument("--peer", help="addresses of another server's nodes, separated by commas")
    parser.add_argument("--port", type=int, default=9042, help="of the peer")
    parser.add_argument("--rows", type=int, default=100000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--warmup", type=float, default=3)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    options.bin = options.bin.resolve()
    if options.quick:
        options.rows, options.rounds, options.seconds, options.warmup = 10000, 1, 1, 0.5
    ours = Ours(options)
    try:
        starts = [ours.start() for _ in range(options.rounds)]
        print(f"{NODES} nodes from nothing to a SELECT answered by each: {statistics.median(starts):.2f} s")
        time.sleep(1 if options.quick else 5)
        print(f"an idle node: {max(map(resident_mib, ours.processes())):.1f} MiB resident", flush=True)
        servers = [ours, Peer(options)] if options.peer else [ours]
        for server in servers:
            load(server, "--make", "--rows", options.rows)
        compare(servers, options)
        compare_watched(ours, options)
        compare_idle(ours, 200 if options.quick else 10000)
        print(f"\na node after that: {max(map(resident_mib, ours.processes())):.1f} MiB resident")
    finally:
        ours.destroy()


if __name__ == "__main__":
    main()
