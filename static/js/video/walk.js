/**
 * Walks through a film step by step, each picture looked at before the next is sought. A film that simply played
 * would lose the pictures between two answers, more of them the slower the server; so the film waits for the answers,
 * a fast server is through sooner than the film lasts, and the same film gives the same answers everywhere. How much
 * time lies between two pictures the server is told (`clock: "captured"`).
 */
import { nextPicture } from "../capture.js";
import { rest } from "../loop.js";
import { STEP } from "./times.js";

/** Milliseconds; a film that gives no picture for so long is damaged there. */
const PATIENCE = 30_000;

/** Milliseconds that a picture which was sought may need to be seen. */
const LATE = 1_000;

/** Milliseconds without a connection before that is said: coming about takes a moment too. */
const AWAY = 1_000;

/** Milliseconds before the same picture is sent again. */
const AFTER_REFUSAL = 1_000;

/** Refusals that pass: the same picture can be answered later. */
const PASSING = ["too_many_requests", "worker_lost", "timed_out", "superseded"];

/** A film that was not looked at to its end. */
export class FilmError extends Error {
  /**
   * @param {"unreadable" | "long" | "damaged" | "refused"} problem words for each are at `video.<problem>`
   * @param {string} [message]
   * @param {string} [code] the server's, where it refused
   */
  constructor(problem, message = problem, code) {
    super(message);
    this.name = "FilmError";
    this.problem = problem;
    this.code = code;
  }
}

/**
 * @typedef {object} Step
 * @property {number} index the film's time divided by `STEP`
 * @property {import("../messages.js").Result} result
 * @property {string} stream tracks of another are numbered anew
 */

/**
 * @param {object} parts
 * @param {HTMLVideoElement} parts.video whose length is known
 * @param {import("../capture.js").Capture} parts.capture
 * @param {import("../transport.js").Transport} parts.transport
 * @param {(step: Step) => void} parts.onStep while the video still shows the picture
 * @param {(refused: import("../messages.js").Refused | null) => void} parts.onWait the server refuses for now; null: is
 *   away
 * @param {AbortSignal} parts.signal
 * @throws {FilmError}
 */
export async function walk({ video, capture, transport, onStep, onWait, signal }) {
  const steps = Math.max(1, Math.round(video.duration / STEP));
  for (let index = 0; index < steps && !signal.aborted; index += 1) {
    // In the middle of its step: on the edge of two pictures browsers differ.
    const time = Math.min((index + 0.5) * STEP, video.duration);
    await seek(video, time);
    if (signal.aborted) return;
    const { bytes } = await capture.grab();
    const result = await answer(bytes, time);
    if (result && !signal.aborted) onStep({ index, result, stream: transport.connection });
  }

  /**
   * @param {ArrayBuffer} bytes
   * @param {number} time
   */
  async function answer(bytes, time) {
    while (!signal.aborted) {
      const away = setTimeout(() => onWait(null), AWAY);
      await transport.ready(signal);
      clearTimeout(away);
      if (signal.aborted) break;
      const said = await transport.ask(bytes, 1_000 * time);
      if (said.kind === "result") return said.result;
      if (said.kind !== "refused") continue; // lost on its way: once more
      const { code, message } = said.refused;
      if (!PASSING.includes(code)) throw new FilmError("refused", message, code);
      onWait(said.refused);
      await rest(AFTER_REFUSAL, signal);
    }
    return null;
  }
}

/**
 * @param {HTMLVideoElement} video
 * @param {number} time seconds
 * @returns {Promise<void>} once it shows the picture of that time
 * @throws {FilmError} `damaged`
 */
async function seek(video, time) {
  const waiting = new AbortController();
  // Browsers call a seek done while what can be read off may still be the picture before, on a busy computer.
  const picture = nextPicture(video, waiting.signal);
  let late = 0;
  try {
    await event(video, "seeked", "damaged", () => {
      video.currentTime = time;
    });
    // A hidden page is told of no picture.
    late = setTimeout(() => waiting.abort(), document.hidden ? 0 : LATE);
    await picture;
  } finally {
    clearTimeout(late);
    waiting.abort();
  }
}

/**
 * Opens a film.
 * @param {HTMLVideoElement} video
 * @param {string} address
 * @throws {FilmError} where the browser cannot play it
 */
export async function load(video, address) {
  await event(video, "loadedmetadata", "unreadable", () => {
    video.src = address;
    video.load();
  });
  // What a browser recorded itself says how long it is only once its end was sought.
  if (video.duration === Infinity) {
    await event(video, "durationchange", "unreadable", () => {
      video.currentTime = Number.MAX_SAFE_INTEGER;
    });
  }
  if (!video.videoWidth || !Number.isFinite(video.duration)) throw new FilmError("unreadable", "no pictures in it");
}

/**
 * Waits for what follows.
 * @param {HTMLVideoElement} video
 * @param {string} name of the event
 * @param {FilmError["problem"]} problem where an error comes instead, or nothing
 * @param {() => void} begin
 * @returns {Promise<void>}
 * @throws {FilmError}
 */
function event(video, name, problem, begin) {
  const heard = new AbortController();
  let timer = 0;
  /** @type {Promise<void>} */
  const done = new Promise((resolve, reject) => {
    const fail = () => reject(new FilmError(problem, video.error?.message));
    video.addEventListener(name, () => resolve(), { signal: heard.signal });
    video.addEventListener("error", fail, { signal: heard.signal });
    timer = setTimeout(fail, PATIENCE);
  });
  begin();
  return done.finally(() => {
    clearTimeout(timer);
    heard.abort();
  });
}
