/** Camera to answers, for months: whatever breaks is begun anew by itself, and nobody is asked to come and help. */
import { CameraError } from "../camera.js";
import { askOnAndOn } from "../loop.js";
import { Watchdog } from "../watchdog.js";

/**
 * @typedef {import("../camera.js").CameraProblem} CameraProblem
 * @typedef {CameraProblem | "asking" | "server" | "answer" | null} Trouble what keeps answers away; null: nothing does
 */

/** Milliseconds before the camera is tried again; twice as long after each try in vain, up to the last. */
const AGAIN = { first: 1_000, last: 30_000 };
/** Seconds without a picture after which the camera is begun anew, and without an answer the connection. */
const ANEW = { camera: 8, answer: 30 };
/** Another try would only ask the same question of a person who is not there. */
const HELPLESS = ["insecure", "unsupported", "dismissed"];

export class Session {
  #parts;
  #watchdog;
  #running = new AbortController();
  #timer = 0;
  #inVain = 0;
  #reconnected = -Infinity;
  #plugs = false;

  /**
   * @param {object} parts
   * @param {HTMLVideoElement} parts.video
   * @param {import("../camera.js").Camera} parts.camera
   * @param {import("./cameras.js").Cameras} parts.cameras
   * @param {import("../capture.js").Capture} parts.capture
   * @param {import("../transport.js").Transport} parts.transport
   * @param {import("../state.js").PageState} parts.state
   * @param {() => number} parts.interval the least milliseconds from one picture to the next
   * @param {(faces: import("../messages.js").Face[]) => void} parts.onFaces
   * @param {(trouble: Trouble) => void} parts.onTrouble
   */
  constructor(parts) {
    this.#parts = parts;
    this.#watchdog = new Watchdog({
      connected: () => parts.transport.connected,
      onStall: (cause, seconds) => this.#stalled(cause, seconds),
    });
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.#plugged());
  }

  /** Starts the camera and asks for answers from then on; a start that fails is tried again. */
  async start() {
    const { camera, cameras, capture, state, transport, video } = this.#parts;
    this.#halt();
    const { signal } = (this.#running = new AbortController());
    // A camera that is away stays an error until it is back: what comes and goes every few seconds is no state.
    if (state.phase !== "error") {
      state.phase = "asking";
      this.#parts.onTrouble("asking");
    }
    try {
      await cameras.next();
      if (signal.aborted || !(await camera.start())) return;
      if (cameras.choseBlindly && (await cameras.betterIsThere())) {
        cameras.again();
        await cameras.next();
        if (signal.aborted || !(await camera.start())) return;
      }
    } catch (error) {
      if (!signal.aborted) this.#failed(error instanceof CameraError ? error.problem : "failed");
      return;
    }
    state.phase = "connecting";
    this.#parts.onTrouble(null);
    this.#watchdog.start();
    transport.open();
    askOnAndOn({
      video,
      capture,
      transport,
      onPicture: () => {
        this.#inVain = 0;
        cameras.again();
        this.#watchdog.picture();
      },
      onAnswer: (answer) => this.#answered(answer),
      signal,
      interval: this.#parts.interval,
    });
  }

  /** The camera's picture ended by itself. */
  lost() {
    this.#failed("ended");
  }

  /** Goes back to the camera that was asked for where another stood in for it; called when nobody is there. */
  async prefer() {
    const { cameras, state } = this.#parts;
    if (!this.#plugs || state.phase !== "live") return;
    this.#plugs = false;
    if ((await cameras.betterIsThere()) && state.phase === "live") this.start();
  }

  /** @param {CameraProblem} problem */
  #failed(problem) {
    this.#halt();
    this.#parts.state.phase = "error";
    this.#parts.onTrouble(problem);
    if (HELPLESS.includes(problem)) return;
    const wait = Math.min(AGAIN.last, AGAIN.first * 2 ** this.#inVain);
    this.#inVain += 1;
    this.#timer = setTimeout(() => this.start(), wait);
  }

  #halt() {
    const { camera, transport } = this.#parts;
    clearTimeout(this.#timer);
    this.#running.abort();
    this.#watchdog.stop();
    camera.stop();
    transport.close();
  }

  #plugged() {
    this.#plugs = true;
    if (this.#parts.state.phase !== "error") return;
    clearTimeout(this.#timer);
    // Ready a moment after it is there.
    this.#timer = setTimeout(() => this.start(), AGAIN.first);
  }

  /** @param {import("../transport.js").Answer} answer */
  #answered(answer) {
    if (answer.kind !== "result") return;
    const { state } = this.#parts;
    this.#watchdog.answer();
    state.countFrame();
    state.phase = "live";
    this.#parts.onTrouble(null);
    this.#parts.onFaces(answer.result.faces);
  }

  /**
   * @param {import("../watchdog.js").Cause} cause
   * @param {number} seconds
   */
  #stalled(cause, seconds) {
    const { state, transport } = this.#parts;
    if (cause === "camera" && seconds >= ANEW.camera) return this.#failed("ended");
    if (state.phase === "live") state.phase = "stalled";
    this.#parts.onTrouble(cause === "camera" ? "ended" : cause);
    const now = performance.now();
    if (cause !== "answer" || seconds < ANEW.answer || now - this.#reconnected < 1_000 * ANEW.answer) return;
    this.#reconnected = now;
    transport.close();
    transport.open();
  }
}
