"""A new model or policy, without a stop: SIGHUP."""

import shutil
import signal

from conftest import SAMPLE, until
from test_promise import orders, results


def own_model(world):
    """A copy that a test may replace."""
    model = world.folder / "own.model"
    shutil.copy(world.settings["triage"]["classifier_file"], model)
    world.set({"triage": {"classifier_file": str(model)}})
    return model


def another_model(world, model):
    """One more row makes another model."""
    extra = world.folder / "extra.jsonl"
    extra.write_text('{"id": "x", "subject": "Parcel?", "body": "Where is my parcel?", "label": "order_status"}\n')
    world.run("train", "--data", SAMPLE / "train", "--data", extra, "--out", model, "--no-encoder")


def provenance(world, n, ticket):
    return results(world, n)[ticket]["provenance"]["classifier"]


def test_a_new_model_is_taken_without_a_stop_and_a_bad_one_is_not(world):
    model = own_model(world)
    worker = world.start().wait_ready()
    world.send(orders(0, 2))
    first = provenance(world, 2, "o1")

    model.rename(world.folder / "first.model")
    model.write_bytes(b"no model at all")
    worker.process.send_signal(signal.SIGHUP)
    until(lambda: "reload.refused" in worker.text(), "the worker says that it can't be loaded")
    world.send(orders(10, 2))
    assert provenance(world, 4, "o11") == first

    another_model(world, model)
    worker.process.send_signal(signal.SIGHUP)
    until(lambda: "reload.done" in worker.text(), "the worker has it")
    world.send(orders(20, 2))
    second = provenance(world, 6, "o21")
    assert second != first and len(second) == len(first)
    assert worker.stop() == 0


def rewrite(world, old, new):
    policy = world.folder / "own-policy.yaml"
    text = policy.read_text()
    assert old in text
    policy.write_text(text.replace(old, new))


def test_a_new_policy_is_taken_without_a_stop_and_one_below_the_floor_is_not(world):
    policy = world.folder / "own-policy.yaml"
    shutil.copy(SAMPLE / "policy.yaml", policy)
    world.set({"triage": {"policy_file": str(policy), "policy_floor_file": str(SAMPLE / "floor.yaml")}})
    worker = world.start().wait_ready()
    world.send(orders(0, 2))
    first = results(world, 2)["o1"]["provenance"]["policy"]

    rewrite(world, "max_error: 0.05", "max_error: 0.4")
    worker.process.send_signal(signal.SIGHUP)
    until(lambda: "reload.refused" in worker.text(), "the worker says that it is too loose")
    assert "promise.max_error: give 0.05 or less" in worker.text()
    world.send(orders(10, 2))
    assert results(world, 4)["o11"]["provenance"]["policy"] == first

    rewrite(world, "max_error: 0.4", "max_error: 0.05")
    rewrite(world, "  - label: order_status", "  # looked at\n  - label: order_status")
    rewrite(world, "    mode: auto", '    mode: "off"')
    worker.process.send_signal(signal.SIGHUP)
    until(lambda: "reload.done" in worker.text(), "the worker has it")
    world.send(orders(20, 2))
    now = results(world, 6)["o21"]
    assert now["provenance"]["policy"] != first
    assert now["status"] == "in_review" and "mode_off" in now["reasons"]
    assert worker.stop() == 0
