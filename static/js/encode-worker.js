/**
 * Encodes pictures as JPEG off the main thread.
 *
 * Takes `{id, bitmap, quality, turn}`, the bitmap transferred; answers `{id, bytes}`, the bytes transferred, or
 * `{id, error}`.
 */

import { drawTurned } from "./turn.js";

/** @type {OffscreenCanvas | null} */
let canvas = null;

self.addEventListener("message", async ({ data: { id, bitmap, quality, turn } }) => {
  try {
    canvas ??= new OffscreenCanvas(bitmap.width, bitmap.height);
    drawTurned(canvas, bitmap, turn);
    const blob = await canvas.convertToBlob({ type: "image/jpeg", quality });
    const bytes = await blob.arrayBuffer();
    self.postMessage({ id, bytes }, { transfer: [bytes] });
  } catch (error) {
    self.postMessage({ id, error: String(error) });
  } finally {
    bitmap.close();
  }
});
