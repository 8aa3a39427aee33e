"""Ports for servers of the tests.

They are taken from below the range out of which the kernel serves outgoing connections (32768 and up): a port from there may be somebody's
connection at the moment its server starts, and does become one where several suites run at once.
"""

import random
import socket

FIRST, LAST = 20000, 32000
TRIES = 200


def free_port():
    for port in random.SystemRandom().sample(range(FIRST, LAST), TRIES):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"none of {TRIES} ports between {FIRST} and {LAST} is free")
