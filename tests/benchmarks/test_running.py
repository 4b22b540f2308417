"""A server of its own for a benchmark."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest
import requests

from server.benchmarks.running import serving

MODELS = Path(__file__).parents[2] / "models"


@pytest.mark.skipif(
    not (MODELS / "mobilenetv2" / "card.json").is_file(), reason="models/mobilenetv2 is not trained yet"
)
def test_it_answers_and_ends_with_the_block() -> None:
    with serving(detector="blazeface-back", workers=1, models_dir=str(MODELS)) as server:
        assert requests.get(f"{server.url}/healthz", timeout=30).ok
        family = [server.process, *server.process.children(recursive=True)]
        assert len(family) == 2
        assert server.resident_mb() > 50
        assert server.imported("numpy")
        assert not server.imported("tensorflow")
    assert not psutil.wait_procs(family, timeout=5)[1]


def test_a_server_that_does_not_start_is_quoted() -> None:
    with pytest.raises(RuntimeError, match="MASKGATE_WORKERS"), serving(workers=-1):
        pass
