/** A live session: camera to answers, with words for everything that keeps it from running. */
import { Adaptation } from "./adaptation.js";
import { CameraError } from "./camera.js";
import { askOnAndOn } from "./loop.js";
import { partsOf } from "./statistics.js";
import { Watchdog } from "./watchdog.js";
import { reason, word } from "./words.js";

/** What leaves a visitor without any camera: then the demo is offered. */
const NO_CAMERA = ["absent", "denied", "unsupported", "insecure"];

/** Milliseconds after which a permission question counts as unseen. */
const PROMPT_PATIENCE = 10_000;

/** Seconds without a picture after which the camera is started anew; then after twice as many. */
const CAMERA_PATIENCE = 10;

/** Milliseconds that a snapshot may take: an answer, and a late one. */
const SNAPSHOT_PATIENCE = 5_000;

export class Live {
  #parts;
  #watchdog;
  #running = new AbortController();
  #adaptation = new Adaptation();
  /** @type {import("./capture.js").Picture | null} the one sent last */
  #sent = null;
  /** The id of a camera that was unplugged while it ran; null where none is missed. */
  #missed = /** @type {string | null} */ (null);
  #nextRestart = CAMERA_PATIENCE;
  /** @type {((seen: import("./snapshot.js").Seen) => void) | null} who waits for a picture with its answer */
  #onSeen = null;
  /** Why the last picture was refused, where nothing was answered since. */
  #refusal = "";

  /**
   * @param {object} parts
   * @param {HTMLVideoElement} parts.video
   * @param {import("./camera.js").Camera} parts.camera
   * @param {import("./capture.js").Capture} parts.capture
   * @param {import("./transport.js").Transport} parts.transport
   * @param {import("./overlay.js").Overlay} parts.overlay
   * @param {import("./stage.js").Stage} parts.stage
   * @param {import("./state.js").PageState} parts.state
   * @param {import("./statistics.js").Statistics} parts.statistics
   * @param {() => void} parts.onCamera another camera runs, without having been asked for
   */
  constructor(parts) {
    this.#parts = parts;
    this.#watchdog = new Watchdog({
      connected: () => parts.transport.connected,
      onStall: (cause, seconds) => this.#stalled(cause, seconds),
    });
    document.addEventListener("visibilitychange", () => {
      // What is drawn will be old when somebody looks again.
      if (document.hidden && parts.state.phase === "live") parts.overlay.stale = true;
    });
    parts.video.addEventListener("resize", () => parts.overlay.fit(parts.video.videoWidth, parts.video.videoHeight));
  }

  /** Whether a session runs or is about to. */
  get active() {
    return ["asking", "connecting", "live", "stalled"].includes(this.#parts.state.phase);
  }

  /** How pictures are sent now: pixels and JPEG's quality; null before the first. */
  get sending() {
    if (!this.#sent) return null;
    return { width: this.#sent.width, height: this.#sent.height, quality: this.#adaptation.step.quality };
  }

  /**
   * Starts the camera and, once it runs, asks for answers until `stop()`.
   * @param {() => Promise<MediaStream>} [demo] gives a picture instead of the camera
   */
  async start(demo) {
    const { camera, overlay, stage, state, statistics, transport, video } = this.#parts;
    this.#halt();
    this.#missed = null;
    const { signal } = (this.#running = new AbortController());
    state.phase = "asking";
    stage.show({ path: demo ? "demo.opening" : "stage.asking" });
    const unseen = setTimeout(() => demo || stage.show({ path: "stage.ignored" }), PROMPT_PATIENCE);
    signal.addEventListener("abort", () => clearTimeout(unseen));
    try {
      if (!(await camera.start(demo ? { open: demo } : {}))) return;
    } catch (error) {
      if (signal.aborted) return;
      this.fail(error instanceof CameraError ? error : new CameraError("failed", String(error)));
      return;
    }
    clearTimeout(unseen);
    stage.clear();
    stage.chip(word("stage.connecting.text"));
    state.phase = "connecting";
    overlay.fit(video.videoWidth, video.videoHeight);
    statistics.start(performance.now());
    this.#watchdog.start();
    transport.open();
    this.#ask(signal);
  }

  /**
   * Switches the camera off on request.
   * @param {string} [path] of the words why, where nobody asked for it
   */
  pause(path) {
    const { camera, stage, state } = this.#parts;
    this.#halt();
    const asked = camera.demo ? "demo.paused" : "stage.paused";
    stage.show({ path: path ?? asked, action: camera.demo ? "demo" : "start" });
    state.phase = "idle";
  }

  /** Takes up the work after a sleep: what was under way is lost. */
  wake() {
    if (!this.active) return;
    this.#watchdog.forgive();
    this.#parts.video.play().catch(() => {}); // where there is nothing to play, the watchdog will say so
    this.#parts.transport.revive();
  }

  /**
   * The camera was unplugged: goes on with another one, or says so.
   * @param {string} deviceId
   */
  async lose(deviceId) {
    this.#missed = deviceId;
    this.#parts.overlay.stale = true;
    if (!(await this.#switch({ insteadOf: deviceId }))) return;
    this.#parts.stage.say(word("live.camera.instead", { name: this.#cameraName }));
  }

  /** What is plugged in changed: a camera that was missed may be back. */
  async lookForCameras() {
    const { camera, stage, state } = this.#parts;
    const missed = this.#missed;
    if (missed === null) return;
    const there = (await camera.list()).map(({ deviceId }) => deviceId);
    if (this.#missed !== missed || there.length === 0) return;
    if (state.phase === "error") return this.start();
    if (!this.active || !there.includes(missed) || camera.deviceId === missed) return;
    this.#missed = null;
    if (await this.#switch({ only: missed })) stage.say(word("live.camera.back", { name: this.#cameraName }));
  }

  /**
   * The next picture that is answered, with its answer.
   * @returns {Promise<import("./snapshot.js").Seen>}
   * @throws {Error} where none comes
   */
  seen() {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#onSeen = null;
        reject(new Error("No picture was answered."));
      }, SNAPSHOT_PATIENCE);
      this.#onSeen = (seen) => {
        clearTimeout(timer);
        this.#onSeen = null;
        resolve(seen);
      };
      this.#parts.capture.wantWhole();
    });
  }

  get #cameraName() {
    return this.#parts.camera.name || word("live.camera.another");
  }

  /** Switches the camera off; what comes next takes the stage. */
  stop() {
    this.#halt();
    this.#parts.state.phase = "idle";
  }

  /** @param {CameraError} error takes the stage */
  fail({ problem, message }) {
    this.#halt();
    const helpless = problem === "insecure" || problem === "unsupported";
    this.#parts.stage.show({
      path: `camera.${problem}`,
      values: { detail: message },
      action: helpless ? "photo" : "start",
      demo: NO_CAMERA.includes(problem),
    });
    this.#parts.state.phase = "error";
  }

  /**
   * Goes on with another camera, the connection and what is drawn staying.
   * @param {{only?: string, insteadOf?: string}} which
   * @returns {Promise<boolean>} whether it runs
   */
  async #switch(which) {
    const { camera, overlay, video } = this.#parts;
    this.#running.abort();
    const { signal } = (this.#running = new AbortController());
    try {
      if (!(await camera.start(which)) || signal.aborted) return false;
    } catch (error) {
      if (!signal.aborted) this.fail(error instanceof CameraError ? error : new CameraError("failed", String(error)));
      return false;
    }
    overlay.fit(video.videoWidth, video.videoHeight);
    this.#parts.onCamera();
    this.#ask(signal);
    return true;
  }

  /** @param {AbortSignal} signal */
  #ask(signal) {
    const { capture, statistics, transport, video } = this.#parts;
    this.#adaptation.start(performance.now());
    capture.adapt(this.#adaptation.step);
    askOnAndOn({
      video,
      capture,
      transport,
      onPicture: () => this.#watchdog.picture(),
      onSend: (picture) => {
        this.#sent = picture;
        statistics.sent(performance.now(), picture.bytes.byteLength);
      },
      onAnswer: (answer, at, sent) => this.#answered(answer, at, sent),
      signal,
    });
  }

  #halt() {
    const { camera, overlay, stage, transport } = this.#parts;
    this.#running.abort();
    this.#watchdog.stop();
    camera.stop();
    transport.close();
    this.#refusal = "";
    this.#sent = null;
    overlay.stale = false;
    overlay.clear();
    stage.chip(null);
    stage.hidePhoto();
  }

  /**
   * @param {import("./transport.js").Answer} answer
   * @param {number} at
   * @param {import("./loop.js").Sent} [sent]
   */
  #answered(answer, at, sent) {
    const { capture, overlay, stage, state, statistics } = this.#parts;
    const now = performance.now();
    this.#nextRestart = CAMERA_PATIENCE;
    this.#keep(answer, sent?.picture.whole);
    // A connection that broke says nothing of how long an answer takes.
    if (answer.kind === "lost") this.#adaptation.start(now);
    else if (sent && this.#adaptation.record(now - at, now)) capture.adapt(this.#adaptation.step);
    if (answer.kind !== "result") {
      statistics.droppedHere();
      if (answer.kind === "refused" && answer.refused.code !== "superseded") this.#refusal = reason(answer.refused);
      return;
    }
    this.#refusal = "";
    this.#watchdog.answer();
    statistics.droppedByServer(answer.result.dropped);
    if (sent) statistics.answered(now, partsOf(answer.result.timing_ms ?? {}, { at, sentAt: sent.sentAt, now }));
    state.countFrame();
    state.phase = "live";
    overlay.stale = document.hidden; // asked while somebody looked, answered when nobody does
    overlay.show(answer.result.faces, at);
    stage.chip(null);
  }

  /**
   * Hands on a picture that somebody waits for, once it is answered.
   * @param {import("./transport.js").Answer} answer
   * @param {ImageBitmap} [whole]
   */
  #keep(answer, whole) {
    if (this.#onSeen && whole && answer.kind === "result") {
      this.#onSeen({ picture: whole, faces: answer.result.faces });
      return;
    }
    whole?.close();
    if (this.#onSeen) this.#parts.capture.wantWhole();
  }

  /**
   * @param {import("./watchdog.js").Cause} cause
   * @param {number} seconds
   */
  #stalled(cause, seconds) {
    const { camera, overlay, stage, state } = this.#parts;
    const first = state.phase === "connecting";
    const why = cause === "answer" && this.#refusal ? "refused" : first && cause === "answer" ? "first" : cause;
    stage.chip(word(`stall.${why}`, { seconds, message: this.#refusal }));
    if (cause === "camera" && seconds >= this.#nextRestart && !camera.demo) {
      this.#nextRestart = 2 * seconds;
      this.#switch({});
    }
    if (first) return;
    overlay.stale = true;
    state.phase = "stalled";
  }
}
