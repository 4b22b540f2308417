/** Checks many pictures over REST: two at a time, so that a server with two workers is busy and nobody else waits. */
import { rest } from "../loop.js";
import { check, PhotoError, prepare } from "../photo.js";
import { fitWithin } from "../size.js";
import { reason, word } from "../words.js";

const AT_ONCE = 2;

/** Pixels of a thumbnail's longer side: a tile's width on a screen with two pixels to each of CSS's. */
const THUMBNAIL = 480;

/**
 * A picture of the gallery.
 * @typedef {object} Entry
 * @property {File} file
 * @property {"waiting" | "checking" | "checked" | "failed"} status
 * @property {import("../photo.js").PhotoError["problem"] | "film"} [problem] of one that failed
 * @property {string} [message] in the words of the browser or, in English, the server
 * @property {string} [code] of the server's refusal
 * @property {{blob: Blob, width: number, height: number, thumbnail: string}} [photo] as it can be sent, once it was
 *   opened; `thumbnail`: an object URL
 * @property {import("../photo.js").Checked} [answer] of one that was checked
 */

/**
 * How an entry without an answer stands, in words.
 * @param {Entry} entry
 */
export function standing(entry) {
  return word(`gallery.${entry.problem ?? entry.status}`, { message: because(entry) });
}

/**
 * Why an entry failed, as far as anybody said so.
 * @param {Entry} entry
 */
export function because({ code, message }) {
  return message === undefined ? undefined : reason({ code, message });
}

/**
 * Checks every entry that waits; one that fails does not stop the others. A server that cannot be reached does: the
 * entry waits on.
 * @param {readonly Entry[]} entries
 * @param {object} parts
 * @param {import("../transport.js").Choice} parts.choice
 * @param {(entry: Entry) => void} parts.onChange an entry was opened, checked or failed
 * @param {(seconds: number) => void} parts.onWait the server asks for a pause
 * @param {AbortSignal} parts.signal gives up; what was being checked waits again
 * @returns {Promise<boolean>} whether the server could be reached
 */
export async function checkAll(entries, { choice, onChange, onWait, signal }) {
  const waiting = entries.filter((entry) => entry.status === "waiting").values();
  const ended = new AbortController();
  const end = () => ended.abort();
  signal.addEventListener("abort", end);
  let reached = true;
  let pausedUntil = 0;

  function throwIfEnded() {
    if (ended.signal.aborted) throw new PhotoError("unreachable", "given up");
  }

  /** @param {Entry} entry */
  async function checkOne(entry) {
    entry.status = "checking";
    onChange(entry);
    try {
      const { blob } = (entry.photo ??= await open(entry.file));
      onChange(entry);
      entry.answer = await ask(blob);
      entry.status = "checked";
    } catch (error) {
      const failed = error instanceof PhotoError ? error : new PhotoError("refused", String(error));
      const { problem, message, code } = failed;
      if (problem === "unreachable") {
        if (entry.status === "checking") entry.status = "waiting"; // a later run may have checked it meanwhile
        if (!ended.signal.aborted) reached = false;
        end();
      } else {
        Object.assign(entry, { status: "failed", problem, message, code });
      }
    }
    onChange(entry);
  }

  /**
   * @param {File} file
   * @returns {Promise<NonNullable<Entry["photo"]>>}
   */
  async function open(file) {
    const photo = await prepare(file);
    const small = await thumbnail(photo);
    throwIfEnded(); // else nobody would let go of the address
    return { ...photo, thumbnail: URL.createObjectURL(small) };
  }

  /**
   * @param {Blob} blob
   * @returns {Promise<import("../photo.js").Checked>}
   */
  async function ask(blob) {
    for (;;) {
      const pause = pausedUntil - performance.now();
      if (pause > 0) await rest(pause, ended.signal);
      throwIfEnded();
      try {
        return await check(blob, choice, ended.signal);
      } catch (error) {
        if (!(error instanceof PhotoError) || error.wait === undefined) throw error;
        pausedUntil = performance.now() + 1_000 * error.wait;
        onWait(error.wait);
      }
    }
  }

  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const entry of waiting) {
        await checkOne(entry);
        if (ended.signal.aborted) return;
      }
    }),
  );
  signal.removeEventListener("abort", end);
  return reached;
}

/**
 * @param {{blob: Blob, width: number, height: number}} photo
 * @returns {Promise<Blob>}
 */
async function thumbnail({ blob, width, height }) {
  const size = fitWithin(width, height, THUMBNAIL);
  const bitmap = await createImageBitmap(blob, {
    resizeWidth: size.width,
    resizeHeight: size.height,
    resizeQuality: "medium",
  });
  const canvas = document.createElement("canvas");
  canvas.width = size.width;
  canvas.height = size.height;
  canvas.getContext("2d", { alpha: false })?.drawImage(bitmap, 0, 0);
  bitmap.close();
  return new Promise((resolve) => canvas.toBlob((small) => resolve(small ?? blob), "image/jpeg", 0.85));
}
