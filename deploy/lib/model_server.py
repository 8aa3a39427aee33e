"""Serves one GGUF model over HTTP with llama.cpp's own server, as the xllamacpp package carries it.

The package has no command line, this is one. It listens on the loopback address only, wants an API key, and keeps
memory bounded. It knows nothing of triaged: any server that speaks the same HTTP interface can take its place.
"""

import argparse
import os
import signal
import sys

# Waiting threads must sleep, not spin: the machine has other work. To be set before the library loads.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

LONGEST_ANSWER = 1024  # tokens, where a request asks for no fewer
UNIFIED_CACHE_MIB = 0  # beyond what each slot keeps, no prompt is remembered


def parse(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True, help="the GGUF file")
    parser.add_argument("--name", default="model", help="the name the server shows for it (default %(default)s)")
    parser.add_argument("--port", type=int, default=18080, help="on 127.0.0.1 (default %(default)s)")
    parser.add_argument("--key-file", required=True, help="a file with the API key that callers must send")
    parser.add_argument("--slots", type=int, default=2, help="requests answered side by side (default %(default)s)")
    parser.add_argument("--context", type=int, default=4096, help="tokens of context per slot (default %(default)s)")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 2, help="compute threads (default: all cores)")
    return parser.parse_args(argv)


def parameters(options, key):
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = options.model
    params.model_alias = {options.name}
    params.hostnames = ["127.0.0.1"]
    params.port = options.port
    params.api_keys = [key]
    params.n_parallel = options.slots
    params.n_ctx = options.context * options.slots
    params.n_predict = LONGEST_ANSWER
    params.cache_ram_mib = UNIFIED_CACHE_MIB
    params.cpuparams.n_threads = options.threads
    params.cpuparams_batch.n_threads = options.threads
    params.endpoint_metrics = params.endpoint_slots = params.endpoint_props = True
    params.ui = False
    params.offline = True
    return params


def main(argv):
    options = parse(argv)
    with open(options.key_file, encoding="ascii") as handle:
        key = handle.read().strip()
    if not key:
        sys.exit(f"model_server: {options.key_file} is empty: write a key into it")
    params = parameters(options, key)
    import xllamacpp

    # The server's threads don't hear Python's signals; leaving at once is safe, it keeps nothing on disk.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))
    server = xllamacpp.Server(params)
    print(f"model_server: {options.name} at {server.listening_address}", flush=True)
    while True:
        signal.pause()


if __name__ == "__main__":
    main(sys.argv[1:])
