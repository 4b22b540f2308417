"""A narrower network begun with a whole one's knowledge, layer by layer: what is cut off is made good for.

Each convolution is solved for what the narrower network sees by then, so that errors do not add up.
"""

from __future__ import annotations

import keras
import numpy as np

from server.training.onepass.least_squares import Kept, Need, Wide, solved, strongest
from server.training.onepass.network import BLOCKS, FINE, MIDDLE, norm_of
from server.training.onepass.shipped import folded, normalised, put
from server.vision.detectors.onepass import STRIDES, sigmoid
from server.vision.detectors.suppression import Floats

ELSEWHERE = 0.02
"""How much a cell without a face counts in a head beside one with: what is said of it there hardly matters."""


def narrowed(whole: keras.Model, network: keras.Model, pictures: Floats) -> None:
    """Begin a narrower network with what the whole one knows.

    pictures: (n, height, width, 3) as training shows them; fifty are enough. Raises ValueError where it is wider.
    """
    pair = _Pair(whole, network)
    theirs = ours = pictures
    for name in ("Conv1", "expanded_conv_depthwise", "expanded_conv_project"):
        pair.take(name)
        theirs = ours = (pair.said if name.endswith("project") else pair.cut)(name, theirs)
    widened = {}
    for block, (out, stride) in enumerate(BLOCKS, 1):
        stays = (stride, out) == (1, theirs.shape[-1])
        joined = {MIDDLE: "joined16", FINE: "joined8"}.get(block)
        theirs, ours, widened[block] = _block(pair, f"block_{block}", joined, stays, theirs, ours)
    own = {32: (theirs, ours), 16: widened[MIDDLE], 8: widened[FINE]}
    coarser = None
    for stride in reversed(STRIDES):
        coarser = _scale(pair, stride, own[stride], coarser)
    normalised(network, pictures)


class _Pair:
    """The whole network and the narrower one, layer by layer."""

    def __init__(self, whole: keras.Model, network: keras.Model) -> None:
        self.whole, self.network = whole, network

    def said(self, name: str, maps: Floats) -> Floats:
        """What the whole network's convolution, normalised, says of maps."""
        found = self.whole.get_layer(name)(maps)
        if not self.whole.get_layer(name).use_bias:
            found = self.whole.get_layer(norm_of(name))(found, training=False)
        return np.asarray(found)

    def cut(self, name: str, maps: Floats) -> Floats:
        """The same, cut off at nothing and at six."""
        return np.clip(self.said(name, maps), 0, 6)

    def looked(self, name: str, maps: Floats) -> Floats:
        """What the narrower network's own convolution says of maps, cut off."""
        found = self.network.get_layer(name)(maps)
        return np.clip(np.asarray(self.network.get_layer(norm_of(name))(found, training=False)), 0, 6)

    def width(self, name: str) -> int:
        return int(self.network.get_layer(name).filters)

    def put(self, name: str, kernel: Wide, bias: Wide) -> None:
        put(self.network, name, kernel, bias)

    def take(self, name: str, kept: Kept | None = None) -> None:
        """Give the narrower network these channels of the whole one's, or all."""
        kernel, bias = folded(self.whole, name)
        depthwise = isinstance(self.whole.get_layer(name), keras.layers.DepthwiseConv2D)
        kept = np.arange(len(bias)) if kept is None else kept
        self.put(name, kernel.take(kept, 2 if depthwise else 3), bias[kept])


def _block(
    pair: _Pair, name: str, joined: str | None, stays: bool, theirs: Floats, ours: Floats
) -> tuple[Floats, Floats, tuple[Floats, Floats]]:
    """An inverted residual: both networks' output, and what it widened (the narrower's only what is kept)."""
    expand, look, project = f"{name}_expand", f"{name}_depthwise", f"{name}_project"
    their_widened, our_widened = pair.cut(expand, theirs), pair.cut(expand, ours)
    output = pair.said(project, pair.cut(look, their_widened)) + (theirs if stays else 0)
    hidden, wanted = pair.cut(look, our_widened), output - (ours if stays else 0)
    needs = [Need(hidden, wanted)]
    if joined is not None:
        needs.append(Need(our_widened, pair.said(joined, their_widened)))
    kept = strongest(needs, pair.width(expand))
    pair.take(expand, kept)
    pair.take(look, kept)
    kernel, bias = solved(Need(hidden[..., kept], wanted))
    pair.put(project, kernel, bias)
    ours = _applied(kernel, bias, hidden[..., kept]) + (ours if stays else 0)
    return output, ours, (their_widened, our_widened[..., kept])


def _scale(
    pair: _Pair, stride: int, own: tuple[Floats, Floats], coarser: tuple[Floats, Floats] | None
) -> tuple[Floats, Floats]:
    """A scale joined and its head: both networks' maps of it."""
    name = f"joined{stride}"
    channels = pair.width(name)
    theirs, kernel, bias, ours = _fitted(pair, name, *own)
    if coarser is not None:
        their_above, above_kernel, above_bias, our_above = _fitted(pair, f"{name}_above", *coarser)
        enlarge = pair.whole.get_layer(f"{name}_enlarge")
        theirs, ours = theirs + np.asarray(enlarge(their_above)), ours + np.asarray(enlarge(our_above))
    faces = _faces(pair, stride, theirs)
    look = f"head{stride}_0_depthwise"
    needs = [Need(pair.cut(look, ours), pair.said(f"head{stride}_0", pair.cut(look, theirs)), faces)]
    if stride > min(STRIDES):
        needs.append(Need(ours, pair.said(f"joined{stride // 2}_above", theirs)))
    kept = strongest(needs, channels)
    pair.put(name, kernel[..., kept], bias[kept])
    if coarser is not None:
        of_four = (np.arange(4)[:, None] * theirs.shape[-1] + kept).ravel()
        pair.put(f"{name}_above", above_kernel[..., of_four], above_bias[of_four])
    _head(pair, stride, theirs, ours[..., kept], kept, faces)
    return theirs, ours[..., kept]


def _head(pair: _Pair, stride: int, theirs: Floats, ours: Floats, kept: Kept, faces: Floats) -> None:
    depth = _depth(pair.whole, stride)
    answers = [f"{name}{stride}" for name in ("distances", "face", "labels")]
    for number in range(depth):
        name, look = f"head{stride}_{number}", f"head{stride}_{number}_depthwise"
        pair.take(look, kept)
        wanted, our_hidden = pair.said(name, pair.cut(look, theirs)), pair.looked(look, ours)
        kernel, bias = solved(Need(our_hidden, wanted, faces))
        theirs, ours = np.clip(wanted, 0, 6), np.clip(_applied(kernel, bias, our_hidden), 0, 6)
        if number + 1 < depth:
            after = f"head{stride}_{number + 1}"
            looked = pair.said(after, pair.cut(f"{after}_depthwise", theirs))
            kept = strongest([Need(pair.cut(f"{after}_depthwise", ours), looked, faces)], pair.width(name))
        else:
            said = np.concatenate([pair.said(answer, theirs) for answer in answers], axis=-1)
            kept = strongest([Need(ours, said, faces)], pair.width(name))
        pair.put(name, kernel[..., kept], bias[kept])
        ours = ours[..., kept]
    for answer in answers:
        pair.put(answer, *solved(Need(ours, pair.said(answer, theirs), faces)))


def _fitted(pair: _Pair, name: str, theirs: Floats, ours: Floats) -> tuple[Floats, Wide, Wide, Floats]:
    """A convolution solved for what the narrower network sees: their maps, kernel, bias, our maps."""
    wanted = pair.said(name, theirs)
    kernel, bias = solved(Need(ours, wanted))
    return np.clip(wanted, 0, 6), kernel, bias, np.clip(_applied(kernel, bias, ours), 0, 6)


def _applied(kernel: Wide, bias: Wide, maps: Floats) -> Floats:
    return np.asarray(maps @ kernel[0, 0] + bias, np.float32)


def _faces(pair: _Pair, stride: int, maps: Floats) -> Floats:
    """How much each cell counts in a head."""
    for number in range(_depth(pair.whole, stride)):
        name = f"head{stride}_{number}"
        maps = pair.cut(name, pair.cut(f"{name}_depthwise", maps))
    return ELSEWHERE + (1 - ELSEWHERE) * sigmoid(pair.said(f"face{stride}", maps)[..., 0])


def _depth(network: keras.Model, stride: int) -> int:
    names = {layer.name for layer in network.layers}
    return next(number for number in range(len(names)) if f"head{stride}_{number}" not in names)
