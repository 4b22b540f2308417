/** The loop that asks for answers: newest picture, one frame in flight, the next only after the last's answer. */
import { nextPicture } from "./capture.js";

/** Milliseconds to wait after a refusal, so that a frame that is refused for good is not sent at full speed. */
const AFTER_REFUSAL = 1_000;

/** @typedef {{picture: import("./capture.js").Picture, sentAt: number}} Sent `sentAt` by `performance.now()` */

/**
 * Runs until aborted.
 * @param {object} parts
 * @param {HTMLVideoElement} parts.video
 * @param {import("./capture.js").Capture} parts.capture
 * @param {import("./transport.js").Transport} parts.transport
 * @param {() => void} parts.onPicture the camera gave a new picture
 * @param {(picture: import("./capture.js").Picture) => void} [parts.onSend] it is about to be sent
 * @param {(answer: import("./transport.js").Answer, at: number, sent?: Sent) => void} parts.onAnswer `at`: when the
 *   picture it answers was captured, by `performance.now()`; no `sent` where there was none to send
 * @param {AbortSignal} parts.signal
 * @param {() => number} [parts.interval] the least milliseconds from one picture to the next; none at first
 */
export async function askOnAndOn(parts) {
  const { video, capture, transport, onPicture, onSend, onAnswer, signal, interval = () => 0 } = parts;
  let last = -Infinity;
  while (!signal.aborted) {
    await untilVisible(signal);
    await transport.ready(signal);
    const early = last + interval() - performance.now();
    if (early > 0) await rest(early, signal);
    await nextPicture(video, signal);
    if (signal.aborted || document.hidden) continue;
    last = performance.now();
    onPicture();
    const picture = await capture.grab().catch((error) => /** @type {Error} */ (error));
    if (signal.aborted) return;
    if (picture instanceof Error) {
      onAnswer({ kind: "refused", refused: { id: null, code: "no_image", message: String(picture) } }, 0);
      await rest(AFTER_REFUSAL, signal);
      continue;
    }
    onSend?.(picture);
    const sentAt = performance.now();
    const answer = await transport.ask(picture.bytes, picture.at);
    if (signal.aborted) return;
    onAnswer(answer, picture.at, { picture, sentAt });
    if (answer.kind === "refused" && answer.refused.code !== "superseded") await rest(AFTER_REFUSAL, signal);
  }
}

/**
 * A page that nobody sees asks nothing.
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function untilVisible(signal) {
  if (!document.hidden || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const look = () => {
      if (document.hidden && !signal.aborted) return;
      document.removeEventListener("visibilitychange", look);
      signal.removeEventListener("abort", look);
      resolve();
    };
    document.addEventListener("visibilitychange", look);
    signal.addEventListener("abort", look);
  });
}

/**
 * @param {number} milliseconds
 * @param {AbortSignal} signal
 * @returns {Promise<void>} at once when aborted
 */
export function rest(milliseconds, signal) {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener("abort", end);
  });
}
