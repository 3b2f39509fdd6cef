"""What the checks know of the cluster that run.py has started, and how they talk to it."""
import logging
import os
import shlex
import subprocess
import time
import unittest
import warnings

logging.disable(logging.CRITICAL)
warnings.filterwarnings("ignore")

from cassandra import ConsistencyLevel
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile
from cassandra.policies import FallthroughRetryPolicy, WhiteListRoundRobinPolicy

HOST = os.environ["HOST"]
NODES = 3


def address(number):
    """Of node `number`, counted from 1."""
    head, _, last = HOST.rpartition(".")
    return f"{head}.{int(last) + number - 1}"


def control(*words):
    """Says `words` to the launcher; an error of it fails the check."""
    done = subprocess.run([*shlex.split(os.environ["LAUNCHER"]), "control", *map(str, words)], capture_output=True,
                          text=True, timeout=120)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, words))}: {done.stdout}{done.stderr}")
    return done.stdout


def connect(*numbers, **options):
    """A driver's cluster object that talks to these nodes alone (default: node 1) and never repeats a request."""
    hosts = [address(n) for n in numbers or (1,)]
    profile = ExecutionProfile(load_balancing_policy=WhiteListRoundRobinPolicy(hosts), request_timeout=20,
                               retry_policy=FallthroughRetryPolicy(), consistency_level=ConsistencyLevel.QUORUM)
    return Cluster(hosts, execution_profiles={EXEC_PROFILE_DEFAULT: profile}, **options)


def eventually(check, seconds=20):
    """Repeats `check` until it is true."""
    until = time.monotonic() + seconds
    while not check():
        if time.monotonic() > until:
            raise AssertionError(f"not so within {seconds} s")
        time.sleep(0.1)


class KeyspaceCase(unittest.TestCase):
    """Checks that share a session to node 1 and a keyspace with three replicas, made anew for each class."""

    @classmethod
    def setUpClass(cls):
        cls.keyspace = "drv_" + cls.__name__.lower()
        cls.cluster = connect()
        cls.session = cls.cluster.connect()
        cls.session.execute(f"DROP KEYSPACE IF EXISTS {cls.keyspace}")
        cls.session.execute(f"CREATE KEYSPACE {cls.keyspace} WITH replication = "
                            "{'class': 'SimpleStrategy', 'replication_factor': 3}")
        cls.session.set_keyspace(cls.keyspace)

    @classmethod
    def tearDownClass(cls):
        cls.session.execute(f"DROP KEYSPACE {cls.keyspace}")
        cls.cluster.shutdown()
