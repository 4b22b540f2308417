from __future__ import annotations

from server.web.guard import Guard
from tests.web.conftest import HandEngine, app_of, seeing_engine


def test_everything_is_there():
    http = app_of(seeing_engine()).test_client()
    for path in ("/", "/static/js/main.js", "/api/v1/models", "/api/v1/detectors", "/healthz", "/metrics"):
        assert http.get(path).status_code == 200, path
    assert b"<html" in http.get("/").data


def test_the_guard_is_outermost():
    """Before the socket's handshake too, which Socket.IO answers before Flask."""
    assert isinstance(app_of(HandEngine()).wsgi_app, Guard)


def test_two_apps_share_nothing():
    engines = HandEngine(), HandEngine()
    apps = [app_of(engine) for engine in engines]
    assert apps[0].extensions["socketio"] is not apps[1].extensions["socketio"]
    apps[0].test_client().post("/api/v1/detect", data=b"")
    engines[0].close()
    http = [app.test_client() for app in apps]
    assert [client.get("/healthz").status_code for client in http] == [503, 200]
    assert ["no_image" in client.get("/metrics").text for client in http] == [True, False]


def test_the_engine_is_left_to_whoever_started_it():
    engine = HandEngine()
    app_of(engine)
    assert engine.ready()
    assert engine.submitted == []
