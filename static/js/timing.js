/** How long a model takes on this server, for a face or, where it finds the faces itself, for a picture: over REST. */
import { detect, refusal } from "./detect.js";
import { reason } from "./words.js";

/** Answers whose time counts, for each model. */
export const RUNS = 9;

/** Requests under way at once while workers load a model, and how many at most altogether. */
const TOGETHER = 6;
const MOST_WARMING = 64;

/**
 * @typedef {{median: number, low: number, high: number}} Time milliseconds; `low` and `high` the quickest, the slowest
 * @typedef {"classify" | "detect"} Part of an answer's time: of a model that finds the faces itself all is `detect`
 * @typedef {(run: number) => void} OnRun called before each answer that counts, from 1 on; with 0 while workers load
 */

/** A model that was not measured. */
export class TimingError extends Error {
  /**
   * @param {"unreachable" | "refused" | "faceless"} problem words for each are at `models.trouble.<problem>`
   * @param {string} message
   */
  constructor(problem, message) {
    super(message);
    this.name = "TimingError";
    this.problem = problem;
  }
}

/**
 * Measures a model: warms it up in every worker, then takes the median of `RUNS` answers, one after the other.
 * @param {string} model
 * @param {Part} part that is its own
 * @param {Blob} picture with one face
 * @param {AbortSignal} signal
 * @param {OnRun} onRun
 * @returns {Promise<Time>}
 * @throws {TimingError}
 */
export async function measure(model, part, picture, signal, onRun) {
  onRun(0);
  await warm(model, part, picture, signal);
  /** @type {number[]} */
  const times = [];
  for (let run = 1; run <= RUNS; run += 1) {
    onRun(run);
    times.push(await time(model, part, picture, signal));
  }
  times.sort((one, other) => one - other);
  const at = (/** @type {number} */ index) => times[index] ?? Number.NaN;
  return { median: at(Math.floor(RUNS / 2)), low: at(0), high: at(RUNS - 1) };
}

/**
 * Idle workers are given frames in turn: two for each, and all have the model loaded and used.
 * @param {string} model
 * @param {Part} part
 * @param {Blob} picture
 * @param {AbortSignal} signal
 */
async function warm(model, part, picture, signal) {
  let left = Math.min(2 * (await workers(signal)), MOST_WARMING);
  const one = async () => {
    while (left-- > 0) await time(model, part, picture, signal);
  };
  try {
    await Promise.all(Array.from({ length: TOGETHER }, one));
  } finally {
    left = 0; // what one was refused, the others need not ask for
  }
}

/**
 * How many workers the server has; the browser's count of cores where it does not say.
 * @param {AbortSignal} signal
 */
async function workers(signal) {
  const guess = navigator.hardwareConcurrency || 4;
  try {
    const answer = await fetch("/metrics", { signal });
    const found = /^maskgate_workers (\d+)/m.exec(await answer.text());
    return Math.max(1, Number(found?.[1] ?? guess));
  } catch {
    return guess;
  }
}

/**
 * @param {string} model
 * @param {Part} part
 * @param {Blob} picture
 * @param {AbortSignal} signal
 * @returns {Promise<number>} milliseconds
 * @throws {TimingError}
 */
async function time(model, part, picture, signal) {
  const said = await detect(picture, { model }, signal).catch((error) => {
    throw new TimingError("unreachable", String(error));
  });
  const { answer, body } = said;
  if (!answer.ok) throw new TimingError("refused", reason(refusal(said)));
  // Without a face nothing is classified; it is looked for all the same.
  if (part === "classify" && !body.faces?.length) throw new TimingError("faceless", "no face in the portrait");
  return Number(body.timing_ms[part]);
}

/**
 * @param {string} address of the picture to measure with
 * @returns {Promise<Blob>}
 * @throws {TimingError}
 */
export async function fetchPicture(address) {
  try {
    const answer = await fetch(address);
    if (answer.ok) return await answer.blob();
    throw new TimingError("refused", `${answer.status} ${answer.statusText}`);
  } catch (error) {
    throw error instanceof TimingError ? error : new TimingError("unreachable", String(error));
  }
}
