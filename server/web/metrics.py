"""Health and counters: `/healthz` for a supervisor, `/metrics` for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, jsonify
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from server.vision.engine import Engine
from server.web.errors import error


class EngineCollector(Collector):
    """Reads the engine's counters at the moment they are asked for."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def collect(self) -> Iterator[Metric]:
        stats = self.engine.stats()
        yield GaugeMetricFamily("maskgate_workers", "Workers that can take a frame now.", stats.workers)
        yield GaugeMetricFamily("maskgate_frames_waiting", "Frames that wait for a worker.", stats.waiting)
        yield CounterMetricFamily("maskgate_worker_restarts", "Workers replaced, dead or hung.", stats.restarts)
        yield CounterMetricFamily("maskgate_frames_answered", "Frames answered with a result.", stats.answered)
        refused = CounterMetricFamily("maskgate_frames_refused", "Frames the engine refused, by code.", labels=["code"])
        for code, count in stats.refused.items():
            refused.add_metric([code], count)
        yield refused
        seconds = CounterMetricFamily(
            "maskgate_stage_seconds", "Time spent on answered frames, by stage.", labels=["stage"]
        )
        for stage, milliseconds in stats.stage_ms.items():
            seconds.add_metric([stage], milliseconds / 1000)
        yield seconds


class WebMetrics:
    """The app's own registry: the engine's counters and the web's. streams, shares, watchers: there now."""

    def __init__(self, engine: Engine) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(EngineCollector(engine))
        self.streams = Gauge("maskgate_streams", "Streams connected now.", registry=self.registry)
        self.shares = Gauge("maskgate_shares", "Streams shared now.", registry=self.registry)
        self.watchers = Gauge("maskgate_watchers", "Viewers of shared streams now.", registry=self.registry)
        self.turned_away = Counter(
            "maskgate_turned_away",
            "Frames and requests refused before the engine, by code.",
            ["code"],
            registry=self.registry,
        )
        self.cut_off = Counter(
            "maskgate_streams_cut_off", "Streams ended because they did not read their answers.", registry=self.registry
        )


def blueprint(engine: Engine, metrics: WebMetrics, version: str) -> Blueprint:
    """`/healthz`, which also tells `version`, and `/metrics`."""
    routes = Blueprint("metrics", __name__)

    @routes.get("/healthz")
    def healthz() -> tuple[Response, int]:
        if engine.ready():
            return jsonify({"ready": True, "version": version}), 200
        body: dict[str, Any] = {"ready": False, "version": version} | error(
            "not_ready", "No worker can take a frame; try again in a second."
        )
        return jsonify(body), 503

    @routes.get("/metrics")
    def prometheus() -> Response:
        return Response(generate_latest(metrics.registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)

    return routes
