from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import pytest

from server.vision.catalogue import Catalogue
from server.vision.classifiers.card import Card, CardError, Confirmation
from server.vision.decision import decide
from server.vision.detectors import DetectorInfo
from server.vision.detectors.packages import PackageError
from server.vision.limits import MAX_FACES
from server.vision.messages import Box, Detection, Frame, Image, Refusal, Result
from server.vision.pipeline import Pipeline
from tests.vision.engine.conftest import EYES, tiny_card

WIDTH, HEIGHT = 80, 40
PICTURE = cv2.imencode(".png", np.full((HEIGHT, WIDTH, 3), 99, np.uint8))[1].tobytes()
SURE = {"with_mask": 0.9, "without_mask": 0.1}


@dataclass
class Eyes:
    """Finds what it is given, at its score or better."""

    found: Sequence[Detection]
    asked: list[tuple[tuple[int, ...], float]] = field(default_factory=list)

    def detect(self, image: Image, min_score: float) -> list[Detection]:
        self.asked.append((image.shape, min_score))
        return [face for face in self.found if face.score >= min_score]


@dataclass
class Judge:
    """Says the same of every face."""

    card: Card
    asked: list[int] = field(default_factory=list)

    def classify(self, image: Image, boxes: Sequence[Box]) -> list[Mapping[str, float]]:
        self.asked.append(len(boxes))
        return [SURE for _ in boxes]


class Bench:
    """A pipeline of fakes, and what was loaded for it, in order."""

    def __init__(self, *found: Detection) -> None:
        self.eyes, self.judge = Eyes(found), Judge(tiny_card())
        self.loaded: list[str] = []
        names = [f"model-{number}" for number in range(3)]
        models = {name: tiny_card(name) for name in ("tiny", "broken", *names)}
        models["whole"] = tiny_card("whole").model_copy(update={"kind": "one-stage", "min_score": 0.3})
        detectors = {name: replace(EYES, name=name) for name in ("eyes", "ears", "nose", "missing")}
        detectors["whole"] = replace(EYES, name="whole", one_stage=True)
        catalogue = Catalogue(models, detectors, "tiny", "eyes")
        self.pipeline = Pipeline(catalogue, self.load_detector, self.load_classifier, decide)

    def load_detector(self, info: DetectorInfo) -> Eyes:
        self.loaded.append(info.name)
        if info.name == "missing":
            raise PackageError("the package /secret/folder is not installed.")
        return self.eyes

    def load_classifier(self, card: Card) -> Judge:
        self.loaded.append(card.name)
        if card.name == "broken":
            raise CardError("/secret/folder/model.tflite has another hash.")
        return self.judge


def face(x: float, y: float, width: float, height: float, score: float = 0.9, **more: object) -> Detection:
    return Detection(Box(x, y, width, height), score, **more)  # type: ignore[arg-type]


def test_the_way_of_a_frame() -> None:
    bench = Bench(face(8, 4, 20, 20))
    result = bench.pipeline.run(Frame(PICTURE, "a"))
    assert (result.model, result.detector, result.width, result.height) == ("tiny", "eyes", WIDTH, HEIGHT)
    (found,) = result.faces
    assert found.box == Box(0.1, 0.1, 0.25, 0.5)
    assert (found.label, found.score, found.probabilities) == ("with_mask", 0.9, SURE)
    assert set(result.timing_ms) == {"decode", "detect", "classify", "total"}
    assert all(spent > 0 for spent in result.timing_ms.values())
    assert result.timing_ms["total"] >= sum(result.timing_ms[stage] for stage in ("decode", "detect", "classify"))


def test_no_faces_need_no_classifier() -> None:
    bench = Bench()
    result = bench.pipeline.run(Frame(PICTURE, "a"))
    assert result.faces == ()
    assert result.timing_ms["classify"] == 0
    assert bench.loaded == ["eyes"]


def test_largest_first() -> None:
    # By the longer side in pixels: 24 wide is more than 22 high, though .3 of the width is less than .55 of the height.
    bench = Bench(face(0, 0, 10, 10), face(5, 5, 24, 10), face(40, 5, 10, 22))
    boxes = [found.box for found in bench.pipeline.run(Frame(PICTURE, "a")).faces]
    assert [round(box.width * WIDTH) for box in boxes] == [24, 10, 10]
    assert [round(box.height * HEIGHT) for box in boxes] == [10, 22, 10]


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ((-10, -10, 30, 30), Box(0, 0, 0.25, 0.5)),
        ((60, 20, 40, 40), Box(0.75, 0.5, 0.25, 0.5)),
        ((-100, -100, 1000, 1000), Box(0, 0, 1, 1)),
        ((-20, 0, 20, 20), None),
        ((80, 0, 20, 20), None),
        ((200, 200, 20, 20), None),
        ((-19.99, 0, 20, 20), None),
    ],
)
def test_boxes_are_cut_at_the_edges(box: tuple[float, float, float, float], expected: Box | None) -> None:
    bench = Bench(face(*box))
    faces = bench.pipeline.run(Frame(PICTURE, "a")).faces
    assert [found.box for found in faces] == ([expected] if expected else [])
    assert bench.judge.asked == ([1] if expected else [])


def test_a_picture_of_one_pixel() -> None:
    pixel = cv2.imencode(".png", np.zeros((1, 1, 3), np.uint8))[1].tobytes()
    (found,) = Bench(face(-5, -5, 10, 10)).pipeline.run(Frame(pixel, "a")).faces
    assert found.box == Box(0, 0, 1, 1)


def test_all_faces_in_one_batch() -> None:
    bench = Bench(face(0, 0, 9, 9), face(20, 0, 9, 9), face(40, 0, 9, 9))
    assert len(bench.pipeline.run(Frame(PICTURE, "a")).faces) == 3
    assert bench.judge.asked == [3]


def test_of_very_many_faces_the_surest_are_kept() -> None:
    """A `min_score` of 0 finds hundreds in any picture, each of which costs a run of the classifier."""
    bench = Bench(*(face(number % 60, 0, 9, 9, number / 1000) for number in range(2 * MAX_FACES)))
    scores = sorted(found.score for found in bench.pipeline.run(Frame(PICTURE, "a", min_score=0)).faces)
    assert scores == [number / 1000 for number in range(MAX_FACES, 2 * MAX_FACES)]
    assert bench.judge.asked == [MAX_FACES]


def test_a_one_stage_detector_s_word_counts() -> None:
    bench = Bench(face(0, 0, 9, 9, probabilities={"with_mask": 0.2, "without_mask": 0.8}))
    result = bench.pipeline.run(Frame(PICTURE, "a", model="whole"))
    assert (result.model, result.detector, result.faces[0].label) == ("whole", "whole", "without_mask")
    assert result.timing_ms["classify"] == 0
    assert bench.loaded == ["whole"]


def test_a_classifier_that_is_asked_for_names_a_one_stage_detector_s_faces() -> None:
    bench = Bench(face(0, 0, 30, 30, probabilities={"without_mask": 1.0}), face(40, 0, 20, 20))
    result = bench.pipeline.run(Frame(PICTURE, "a", model="tiny", detector="whole"))
    assert (result.model, result.detector) == ("tiny", "whole")
    assert [found.label for found in result.faces] == ["with_mask", "with_mask"]
    assert bench.judge.asked == [2]


def whole(confirmed_by: str, below: float) -> tuple[Bench, Result]:
    """What a model of one stage answers of two faces, the second doubtful, where another is asked about such."""
    sure, doubtful = {"with_mask": 0.1, "without_mask": 0.9}, {"with_mask": 0.4, "without_mask": 0.6}
    bench = Bench(face(0, 0, 30, 30, probabilities=sure), face(40, 0, 20, 20, probabilities=doubtful))
    models = bench.pipeline.catalogue.models
    confirmation = Confirmation(model=confirmed_by, below=below)
    models["whole"] = models["whole"].model_copy(update={"confirmation": confirmation})  # type: ignore[index]
    return bench, bench.pipeline.run(Frame(PICTURE, "a", model="whole"))


def test_a_classifier_confirms_the_doubtful_faces_alone() -> None:
    bench, result = whole("tiny", 0.7)
    assert (result.model, result.timing_ms["classify"]) == ("whole", 0)
    assert [found.label for found in result.faces] == ["without_mask", "with_mask"]
    assert result.faces[1].probabilities == SURE
    assert bench.judge.asked == [1]


@pytest.mark.parametrize(("confirmed_by", "below"), [("tiny", 0.55), ("gone", 0.7)])
def test_without_doubt_or_classifier_its_own_word_stands(confirmed_by: str, below: float) -> None:
    bench, result = whole(confirmed_by, below)
    assert [found.label for found in result.faces] == ["without_mask", "without_mask"]
    assert bench.loaded == ["whole"]


def test_a_broken_classifier_silences_nobody(caplog: pytest.LogCaptureFixture) -> None:
    bench, result = whole("broken", 0.7)
    again = bench.pipeline.run(Frame(PICTURE, "a", model="whole"))
    for answer in (result, again):
        assert [found.label for found in answer.faces] == ["without_mask", "without_mask"]
    (said,) = caplog.messages
    assert said.endswith("Until then whole answers alone.")


def test_a_detector_whose_weights_are_replaced_is_loaded_anew() -> None:
    bench = Bench()
    for version in ("one", "one", "two"):
        info = replace(EYES, name="whole", one_stage=True, sha256=version)
        bench.pipeline.catalogue.detectors["whole"] = info  # type: ignore[index]
        bench.pipeline.run(Frame(PICTURE, "a", model="whole"))
    assert bench.loaded == ["whole", "whole"]


@pytest.mark.parametrize(("asked", "faces"), [(None, 1), (0.0, 2), (0.95, 0)])
def test_min_score(asked: float | None, faces: int) -> None:
    bench = Bench(face(0, 0, 9, 9, 0.9), face(20, 0, 9, 9, 0.3))
    assert len(bench.pipeline.run(Frame(PICTURE, "a", min_score=asked)).faces) == faces
    assert bench.eyes.asked == [((HEIGHT, WIDTH, 3), EYES.min_score if asked is None else asked)]


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (Frame(b"", "a"), "no_image"),
        (Frame(b"text", "a"), "not_an_image"),
        (Frame(PICTURE, "a", model="huge"), "unknown_model"),
        (Frame(PICTURE, "a", detector="lidar"), "unknown_detector"),
    ],
)
def test_refusals(frame: Frame, code: str) -> None:
    bench = Bench()
    with pytest.raises(Refusal) as caught:
        bench.pipeline.run(frame)
    assert caught.value.code == code
    assert bench.loaded == []


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (Frame(PICTURE, "a", model="broken"), "unknown_model"),
        (Frame(PICTURE, "a", detector="missing"), "unknown_detector"),
    ],
)
def test_what_cannot_be_loaded_is_refused_without_its_path(frame: Frame, code: str) -> None:
    bench = Bench(face(0, 0, 9, 9))
    with pytest.raises(Refusal) as caught:
        bench.pipeline.run(frame)
    assert caught.value.code == code
    assert "secret" not in caught.value.message
    assert bench.pipeline.run(Frame(PICTURE, "a")).model == "tiny"


def test_two_of_each_kind_are_kept() -> None:
    bench = Bench(face(0, 0, 9, 9))
    for model in ("model-0", "model-1", "model-0", "model-2", "model-0", "model-1"):
        bench.pipeline.run(Frame(PICTURE, "a", model=model))
    assert bench.loaded == ["eyes", "model-0", "model-1", "model-2", "model-1"]
    bench.loaded.clear()
    for detector in ("ears", "eyes", "nose", "eyes", "ears"):
        bench.pipeline.run(Frame(PICTURE, "a", model="model-1", detector=detector))
    assert bench.loaded == ["ears", "nose", "ears"]


def test_warm_loads_the_defaults_once() -> None:
    bench = Bench(face(0, 0, 9, 9))
    bench.pipeline.warm()
    assert bench.loaded == ["eyes", "tiny"]
    bench.pipeline.run(Frame(PICTURE, "a"))
    assert bench.loaded == ["eyes", "tiny"]


def test_the_limit_can_be_set() -> None:
    bench = Bench()
    pipeline = Pipeline(
        bench.pipeline.catalogue, bench.load_detector, bench.load_classifier, decide, max_side=WIDTH - 1
    )
    with pytest.raises(Refusal) as caught:
        pipeline.run(Frame(PICTURE, "a"))
    assert caught.value.code == "too_large"
