/**
 * The one owner of the camera: starts, stops and switches it, and names what went wrong.
 *
 * @typedef {"insecure" | "unsupported" | "denied" | "dismissed" | "absent" | "busy" | "ended" | "failed" | "demo"
 *   } CameraProblem
 *   words for each are at `camera.<problem>` in `static/lang/`
 */

/** The camera could not be had. */
export class CameraError extends Error {
  /**
   * @param {CameraProblem} problem
   * @param {string} [detail] the browser's own words
   */
  constructor(problem, detail = "") {
    super(detail || problem);
    this.name = "CameraError";
    this.problem = problem;
  }
}

const WANTED = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
const REMEMBERED = "camera";

export class Camera {
  #video;
  #memory;
  #onEnded;
  /** @type {MediaStream | null} */
  #stream = null;
  #attempt = 0;
  #demo = false;

  /**
   * @param {object} parts
   * @param {HTMLVideoElement} parts.video shows the picture
   * @param {import("./memory.js").Memory} parts.memory remembers the camera chosen
   * @param {(deviceId: string) => void} parts.onEnded the picture of that camera ended without `stop()`: it was
   *   unplugged, or its permission was taken back
   */
  constructor({ video, memory, onEnded }) {
    this.#video = video;
    this.#memory = memory;
    this.#onEnded = onEnded;
  }

  get running() {
    return this.#stream !== null;
  }

  /** Whether something else than a camera was started last, to show how the page works. */
  get demo() {
    return this.#demo;
  }

  /** Whether the camera looks away from its user, as a phone's rear one does: such a picture is not mirrored. */
  get facesAway() {
    return this.#demo || this.#track?.getSettings().facingMode === "environment";
  }

  /** The id of the running camera, or of the one chosen last; empty for the default one. */
  get deviceId() {
    return this.#track?.getSettings().deviceId ?? this.#memory.get(REMEMBERED) ?? "";
  }

  /** The running camera's name; empty where none runs. */
  get name() {
    return this.#track?.label ?? "";
  }

  get #track() {
    return this.#stream?.getVideoTracks()[0];
  }

  /**
   * Starts the camera chosen last, or the default one where that is gone.
   * @param {{only?: string, insteadOf?: string, open?: () => Promise<MediaStream>}} [which] ids: that camera alone, or
   *   any other than that one; `open` gives another picture instead, as the demo's
   * @returns {Promise<boolean>} false where `stop()` or another `start()` came in between
   * @throws {CameraError}
   */
  async start(which = {}) {
    this.stop();
    this.#demo = which.open !== undefined;
    const attempt = this.#attempt;
    const stream = await (which.open ? which.open() : this.#open(which));
    if (attempt !== this.#attempt) {
      stop(stream);
      return false;
    }
    this.#stream = stream;
    const { deviceId } = this;
    for (const track of stream.getTracks()) {
      track.addEventListener("ended", () => {
        if (this.#stream !== stream) return;
        this.stop();
        this.#onEnded(deviceId);
      });
    }
    this.#video.srcObject = stream;
    try {
      await this.#video.play();
    } catch (error) {
      if (attempt !== this.#attempt) return false;
      this.stop();
      throw new CameraError("failed", String(error));
    }
    return attempt === this.#attempt;
  }

  /** Switches the camera off, light included, and calls off a `start()` still waiting for permission. */
  stop() {
    this.#attempt += 1;
    if (this.#stream) stop(this.#stream);
    this.#stream = null;
    this.#video.srcObject = null;
  }

  /**
   * Remembers the camera to start from now on.
   * @param {string} deviceId empty for the default one
   */
  choose(deviceId) {
    this.#memory.set(REMEMBERED, deviceId);
  }

  /**
   * The cameras there are; without names until permission was given.
   * @returns {Promise<MediaDeviceInfo[]>}
   */
  async list() {
    const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
    return devices.filter((device) => device.kind === "videoinput");
  }

  /**
   * @param {{only?: string, insteadOf?: string}} which
   * @returns {Promise<MediaStream>}
   */
  async #open({ only, insteadOf }) {
    if (!window.isSecureContext) throw new CameraError("insecure");
    if (!navigator.mediaDevices?.getUserMedia) throw new CameraError("unsupported");
    if (insteadOf !== undefined) only = await this.#another(insteadOf);
    if (only !== undefined) return open({ deviceId: { exact: only } }).catch(throwNamed);
    const remembered = this.#memory.get(REMEMBERED);
    try {
      return await open(remembered ? { deviceId: { exact: remembered } } : { facingMode: "user" });
    } catch (error) {
      // The camera chosen last may be unplugged today, or its id renewed by the browser.
      if (remembered && ["OverconstrainedError", "NotFoundError"].includes(nameOf(error))) {
        return open({ facingMode: "user" }).catch(throwNamed);
      }
      return throwNamed(error);
    }
  }

  /**
   * @param {string} gone a camera's id
   * @returns {Promise<string>} the id of another, the one chosen last if it can be
   * @throws {CameraError} `ended` where there is none
   */
  async #another(gone) {
    const others = (await this.list()).map(({ deviceId }) => deviceId).filter((id) => id && id !== gone);
    const remembered = this.#memory.get(REMEMBERED) ?? "";
    const other = others.includes(remembered) ? remembered : others[0];
    if (other === undefined) throw new CameraError("ended");
    return other;
  }
}

/**
 * @param {MediaTrackConstraints} which
 * @returns {Promise<MediaStream>}
 */
function open(which) {
  return navigator.mediaDevices.getUserMedia({ video: { ...WANTED, ...which }, audio: false });
}

/** @param {MediaStream} stream */
function stop(stream) {
  for (const track of stream.getTracks()) track.stop();
}

/** @param {unknown} error */
function nameOf(error) {
  return error instanceof DOMException || error instanceof Error ? error.name : "";
}

/** @type {Record<string, CameraProblem>} */
const PROBLEMS = {
  NotFoundError: "absent",
  OverconstrainedError: "absent",
  NotReadableError: "busy",
  AbortError: "busy",
  SecurityError: "denied",
};

/**
 * @param {unknown} error what getUserMedia rejected with
 * @returns {Promise<never>}
 * @throws {CameraError}
 */
async function throwNamed(error) {
  const name = nameOf(error);
  if (name === "NotAllowedError") throw new CameraError((await closedUnanswered()) ? "dismissed" : "denied");
  throw new CameraError(PROBLEMS[name] ?? "failed", String(error));
}

/** Whether the browser would ask again: then the question was closed, not answered with no. */
async function closedUnanswered() {
  try {
    const status = await navigator.permissions.query({ name: /** @type {PermissionName} */ ("camera") });
    return status.state === "prompt";
  } catch {
    return false; // Firefox before 132 does not know this permission.
  }
}
