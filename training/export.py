"""From trained weights to what production loads: ``python -m training export``.

Batch normalisation is folded into the convolutions, weights become float16. The ONNX graph is
written without its weights, which stay in the safetensors file alone.
"""

from __future__ import annotations

import copy
import hashlib
import io
from pathlib import Path

import onnx
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from .network import FaceNetwork

WEIGHTS, GRAPH = "faces.safetensors", "faces.graph"
SMALL = 16
"""Constants of at most this many numbers stay in the graph: the input's mean and scale."""
OPSET = 17


def folded(network: FaceNetwork) -> FaceNetwork:
    """A copy for inference whose convolutions contain their batch normalisation."""
    network = copy.deepcopy(network).eval()
    for module in list(network.modules()):
        for name, child in list(module.named_children()):
            if not isinstance(child, nn.Sequential):
                continue
            convolution, norm = child[0], child[-1]
            if isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                setattr(module, name, fuse_conv_bn_eval(convolution, norm))
    return network


def reference(weights: Path) -> FaceNetwork:
    """The network in torch with the exported weights, to check others against."""
    network = folded(FaceNetwork())
    network.load_state_dict({name: value.float() for name, value in load_file(weights).items()})
    return network


def export(average: Path, folder: Path) -> dict[str, str]:
    """Writes ``WEIGHTS`` and ``GRAPH`` into ``folder``. Returns their sha256 by file name."""
    network = FaceNetwork()
    network.load_state_dict(torch.load(average, weights_only=True))
    network = folded(network)
    half = {name: value.half().contiguous() for name, value in network.state_dict().items()}
    save_file(half, folder / WEIGHTS)
    (folder / GRAPH).write_bytes(_graph(network))
    return {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in (WEIGHTS, GRAPH)
    }


def _graph(network: FaceNetwork) -> bytes:
    written = io.BytesIO()
    torch.onnx.export(
        network,
        (torch.zeros(2, 3, 160, 160),),
        written,  # type: ignore[arg-type]  # the exporter in use takes files too
        input_names=["rgb"],
        output_names=["logits"],
        dynamic_axes={"rgb": {0: "n", 2: "side", 3: "side"}, "logits": {0: "n"}},
        opset_version=OPSET,
        do_constant_folding=False,
        dynamo=False,
    )
    model = onnx.load_from_string(written.getvalue())
    names = set(network.state_dict())
    kept = [tensor for tensor in model.graph.initializer if tensor.name not in names]
    if any(tensor.ByteSize() > SMALL * 8 + 64 for tensor in kept):
        raise ValueError("the graph holds weights under names that are not the network's")
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    model.doc_string = ""
    return bytes(model.SerializeToString())
