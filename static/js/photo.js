/** A photo's way: shrunk to the server's limits, checked over REST, no socket. */
import { detect, refusal } from "./detect.js";
import { readFaces } from "./messages.js";
import { fitWithin } from "./size.js";

/** The limits of `POST /api/v1/detect`. */
const MAX_SIDE = 4096;
const MAX_BYTES = 8_000_000;
const SENDABLE = ["image/jpeg", "image/png", "image/webp"];

/** HTTP's status for a client that asks too often. */
const TOO_MANY = 429;

/** Steps down until the bytes fit: a noisy photo can be large even at these sides. */
const SIDES = [MAX_SIDE, 2048, 1024];
const QUALITY = 0.9;

/** @typedef {{faces: import("./messages.js").Face[], model: string, detector: string}} Checked faces largest first */

/** A photo that was not checked. */
export class PhotoError extends Error {
  /**
   * @param {"unreadable" | "unreachable" | "refused"} problem words for each are at `photo.<problem>`
   * @param {string} message the browser's, or the server's in English
   * @param {object} [refused]
   * @param {string} [refused.code] the server's
   * @param {number} [refused.wait] seconds after which the server would answer: it was asked too often
   */
  constructor(problem, message, { code, wait } = {}) {
    super(message);
    this.name = "PhotoError";
    this.problem = problem;
    this.code = code;
    this.wait = wait;
  }
}

/**
 * The photo as it can be sent: as it is where it keeps the limits, else as a smaller JPEG.
 * @param {File} file
 * @returns {Promise<{blob: Blob, width: number, height: number}>} pixels of the upright picture
 * @throws {PhotoError} where the browser cannot open it
 */
export async function prepare(file) {
  const bitmap = await createImageBitmap(file).catch((error) => {
    throw new PhotoError("unreadable", String(error));
  });
  try {
    const { width, height } = bitmap;
    if (SENDABLE.includes(file.type) && file.size <= MAX_BYTES && Math.max(width, height) <= MAX_SIDE) {
      return { blob: file, width, height };
    }
    for (const side of SIDES) {
      const size = fitWithin(width, height, side);
      const blob = await encode(bitmap, size);
      if (blob && blob.size <= MAX_BYTES) return { blob, ...size };
    }
    throw new PhotoError("unreadable", `${file.size} bytes that do not shrink`);
  } finally {
    bitmap.close();
  }
}

/**
 * @param {ImageBitmap} bitmap
 * @param {{width: number, height: number}} size
 * @returns {Promise<Blob | null>} JPEG
 */
function encode(bitmap, { width, height }) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d", { alpha: false });
  if (context) {
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, width, height);
  }
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
}

/**
 * Asks the server about a photo.
 * @param {Blob} blob
 * @param {import("./transport.js").Choice} choice
 * @param {AbortSignal} signal
 * @returns {Promise<Checked>}
 * @throws {PhotoError}
 */
export async function check(blob, choice, signal) {
  const said = await detect(blob, { ...choice }, signal).catch((error) => {
    throw new PhotoError("unreachable", String(error));
  });
  const { answer, body } = said;
  if (answer.status === 401) location.reload(); // the sign-in has ended: the server leads to the page for it
  if (!answer.ok) {
    const { code, message } = refusal(said);
    throw new PhotoError("refused", message, { code, wait: answer.status === TOO_MANY ? retryAfter(answer) : undefined });
  }
  return { faces: readFaces(body.faces), model: body.model, detector: body.detector };
}

/**
 * @param {Response} answer
 * @returns {number} seconds, at least one: a number of them, or the time until a date (RFC 9110)
 */
function retryAfter(answer) {
  const said = answer.headers.get("Retry-After") ?? "";
  const seconds = /^\d+$/.test(said) ? Number(said) : (Date.parse(said) - Date.now()) / 1_000;
  return Math.max(1, Math.ceil(seconds || 1));
}
