/** Grabs the newest picture of a video and encodes it as JPEG, off the main thread where the browser can. */
import { fitWithin } from "./size.js";
import { drawTurned } from "./turn.js";

/**
 * @typedef {object} Encoder
 * @property {(bitmap: ImageBitmap, quality: number, turn: import("./turn.js").Turn) => Promise<ArrayBuffer>} encode
 *   closes the bitmap
 * @property {() => void} end
 * @typedef {object} Picture
 * @property {ArrayBuffer} bytes JPEG
 * @property {number} at when it was grabbed, by `performance.now()`
 * @property {number} width pixels, as sent
 * @property {number} height pixels, as sent
 * @property {ImageBitmap} [whole] the same picture as the camera gave it, where it was asked for
 */

/** Milliseconds after which a worker counts as lost: its script may never have come. */
const WORKER_PATIENCE = 5_000;

export class Capture {
  #video;
  #longest;
  #quality;
  #turn;
  /** @type {Encoder} */
  #encoder;
  #wholeWanted = false;

  /**
   * @param {HTMLVideoElement} video
   * @param {object} [options]
   * @param {number} [options.longest] pixels of the longer side sent
   * @param {number} [options.quality] JPEG's, 0 to 1
   * @param {import("./turn.js").Turn} [options.turn] of the picture sent, for a camera that is mounted sideways
   */
  constructor(video, { longest = 640, quality = 0.8, turn = 0 } = {}) {
    this.#video = video;
    this.#longest = longest;
    this.#quality = quality;
    this.#turn = turn;
    this.#encoder = typeof OffscreenCanvas === "function" ? new WorkerEncoder() : new CanvasEncoder();
  }

  /**
   * How pictures are sent from now on.
   * @param {import("./adaptation.js").Step} step
   */
  adapt({ longest, quality }) {
    this.#longest = longest;
    this.#quality = quality;
  }

  /** Has the next picture brought along as the camera gives it. */
  wantWhole() {
    this.#wholeWanted = true;
  }

  /**
   * The picture the video shows now.
   * @returns {Promise<Picture>}
   */
  async grab() {
    const { width, height } = fitWithin(this.#video.videoWidth, this.#video.videoHeight, this.#longest);
    const at = performance.now();
    const shrunk = { resizeWidth: width, resizeHeight: height, resizeQuality: /** @type {const} */ ("medium") };
    // Asked for in one go, so that both are of the same moment.
    const [bitmap, whole] = await Promise.all([
      createImageBitmap(this.#video, shrunk),
      this.#wholeWanted ? createImageBitmap(this.#video) : null,
    ]);
    this.#wholeWanted = false;
    const encoder = this.#encoder;
    try {
      const bytes = await encoder.encode(bitmap, this.#quality, this.#turn);
      return { bytes, at, width, height, ...(whole && { whole }) };
    } catch (error) {
      if (encoder instanceof CanvasEncoder) throw error;
      // No 2D canvas in workers (Safari before 17): from now on in the page. This one picture is lost.
      if (this.#encoder === encoder) this.#encoder = new CanvasEncoder();
      encoder.end();
      if (whole) this.#wholeWanted = true;
      whole?.close();
      return this.grab();
    }
  }
}

/** @implements {Encoder} */
class WorkerEncoder {
  #worker = new Worker(new URL("./encode-worker.js", import.meta.url), { type: "module" });
  #id = 0;
  /** @type {Map<number, {resolve: (bytes: ArrayBuffer) => void, reject: (error: Error) => void}>} */
  #waiting = new Map();

  constructor() {
    this.#worker.addEventListener("message", ({ data: { id, bytes, error } }) => {
      if (bytes) this.#waiting.get(id)?.resolve(bytes);
      else this.#waiting.get(id)?.reject(new Error(error));
    });
    this.#worker.addEventListener("error", (event) => {
      this.#rejectAll(event.message || "the worker could not be started");
    });
  }

  /**
   * @param {ImageBitmap} bitmap
   * @param {number} quality
   * @param {import("./turn.js").Turn} turn
   * @returns {Promise<ArrayBuffer>}
   */
  encode(bitmap, quality, turn) {
    this.#id += 1;
    const id = this.#id;
    /** @type {Promise<ArrayBuffer>} */
    const done = new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, bitmap, quality, turn }, { transfer: [bitmap] });
    });
    const timer = setTimeout(() => this.#rejectAll("the worker is silent"), WORKER_PATIENCE);
    return done.finally(() => {
      clearTimeout(timer);
      this.#waiting.delete(id);
    });
  }

  end() {
    this.#worker.terminate();
    this.#rejectAll("the worker was ended");
  }

  /** @param {string} why */
  #rejectAll(why) {
    for (const { reject } of this.#waiting.values()) reject(new Error(why));
  }
}

/** @implements {Encoder} */
class CanvasEncoder {
  #canvas = document.createElement("canvas");

  /**
   * @param {ImageBitmap} bitmap
   * @param {number} quality
   * @param {import("./turn.js").Turn} turn
   * @returns {Promise<ArrayBuffer>}
   */
  encode(bitmap, quality, turn) {
    drawTurned(this.#canvas, bitmap, turn);
    bitmap.close();
    return new Promise((resolve, reject) => {
      this.#canvas.toBlob(
        (blob) => (blob ? resolve(blob.arrayBuffer()) : reject(new Error("the picture could not be encoded"))),
        "image/jpeg",
        quality,
      );
    });
  }

  end() {}
}

/**
 * Waits until the video shows a picture it has not shown before.
 * @param {HTMLVideoElement} video
 * @param {AbortSignal} signal
 * @returns {Promise<void>} at once when aborted
 */
export function nextPicture(video, signal) {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      signal.removeEventListener("abort", done);
      resolve();
    };
    signal.addEventListener("abort", done);
    if ("requestVideoFrameCallback" in video) {
      video.requestVideoFrameCallback(done);
      return;
    }
    // Firefox before 132: a new time is a new picture.
    const shown = /** @type {HTMLVideoElement} */ (video).currentTime;
    const look = () => {
      if (signal.aborted) return;
      if (/** @type {HTMLVideoElement} */ (video).currentTime !== shown) done();
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}
