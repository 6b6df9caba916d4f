"""The path of a GPU, on the CPU: pictures of several cameras go together, and each camera gets its own back."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from passerby.edge.detection.batch import MOST, Batched
from passerby.edge.detection.load import together
from passerby.edge.detection.runtime import REFERENCE, Arrays, OnnxRuntime


def means(shape: list[int]) -> bytes:
    """Mean of each channel of a picture of 4 × 4, given the shape that is written into the network."""
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [
            helper.make_node("AveragePool", ["x"], ["pooled"], kernel_shape=[4, 4]),
            helper.make_node("Reshape", ["pooled", "shape"], ["y"]),
        ],
        "means",
        [value("x", TensorProto.FLOAT, [1, 3, 4, 4])],
        [value("y", TensorProto.FLOAT, [1, 3])],
        [numpy_helper.from_array(np.array(shape, np.int64), "shape")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return bytes(model.SerializeToString())


def picture(level: int) -> NDArray[np.uint8]:
    return np.full((1, 4, 4, 3), level, np.uint8)


class Watched:
    """A runtime that says how many pictures came, and waits until it may go on."""

    def __init__(self, *, fails: bool = False) -> None:
        self.sizes: list[int] = []
        self.open = threading.Event()
        self._fails = fails

    def run(self, pictures: NDArray[np.uint8]) -> Arrays:
        self.sizes.append(len(pictures))
        self.open.wait(30)
        if self._fails:
            raise RuntimeError("out of memory")
        return [pictures[:, 0, 0, :1].astype(np.float32), np.zeros((len(pictures), 2), np.float32)]


def test_those_who_wait_are_the_next_batch() -> None:
    watched = Watched()
    batched = Batched(watched)
    with ThreadPoolExecutor(40) as pool:
        first = pool.submit(batched.run, picture(0))
        until(lambda: watched.sizes == [1])
        others = [pool.submit(batched.run, picture(level)) for level in range(1, 21)]
        until(lambda: len(batched._waiting) == 20)
        watched.open.set()
        assert first.result()[0].tolist() == [[0]]
        for level, other in enumerate(others, 1):
            score, bins = other.result()
            assert score.tolist() == [[level]]
            assert bins.shape == (1, 2)
    assert watched.sizes == [1, MOST, 20 - MOST]


def test_a_failure_reaches_all_who_were_in_it_and_the_next_is_served() -> None:
    batched = Batched(Watched(fails=True))
    batched._runtime.open.set()  # type: ignore[attr-defined]
    for _ in range(2):
        with pytest.raises(RuntimeError, match="out of memory"):
            batched.run(picture(1))


def test_a_network_gives_each_camera_what_it_would_get_alone() -> None:
    runtime = together(means([0, 3]), REFERENCE, 2.0, (4, 4))
    assert isinstance(runtime, Batched)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda level: runtime.run(picture(level))[0], range(64)))
    assert [one.tolist() for one in found] == [[[level / 2] * 3] for level in range(64)]


def test_a_network_for_one_picture_gets_one_at_a_time() -> None:
    runtime = together(means([1, 3]), REFERENCE, 1.0, (4, 4))
    assert isinstance(runtime, OnnxRuntime)
    assert runtime.run(picture(7))[0].tolist() == [[7, 7, 7]]


def until(true: object) -> None:
    """Wait for something that another thread does."""
    for _ in range(3000):
        if true():  # type: ignore[operator]
            return
        time.sleep(0.01)
    raise AssertionError("it did not happen")
