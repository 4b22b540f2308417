"""What decides, shown on the portrait: every model's heat map of one and the same face."""

from __future__ import annotations

from operator import itemgetter
from pathlib import Path

import cv2

from server.training.portrait import FACE, masked_portrait
from server.vision.classifiers import Classifier
from server.vision.heatmap import heated, seen_square, sensitivity

SIDE = 320


def heat(path: Path, classifier: Classifier) -> None:
    """Write the portrait with a drawn mask, glowing where covering it changes the model's answer: WebP, SIDE x SIDE."""
    image = masked_portrait()
    (probabilities,) = classifier.classify(image, [FACE])
    likeliest = max(probabilities.items(), key=itemgetter(1))[0]
    margin = classifier.card.preprocessing.crop_margin
    glowing = heated(image, seen_square(FACE, margin), sensitivity(classifier, image, FACE, likeliest))
    view = seen_square(FACE, 1.8)
    left, top, side = round(view.x), round(view.y), round(view.width)
    crop = cv2.resize(
        glowing[max(top, 0) : top + side, max(left, 0) : left + side], (SIDE, SIDE), interpolation=cv2.INTER_CUBIC
    )
    cv2.imwrite(str(path), cv2.cvtColor(crop, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_WEBP_QUALITY, 85])
