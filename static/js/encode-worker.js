/**
 * Encodes pictures as JPEG off the main thread.
 *
 * Takes `{id, bitmap, quality}`, the bitmap transferred; answers `{id, bytes}`, the bytes transferred, or
 * `{id, error}`.
 */

/** @type {OffscreenCanvas | null} */
let canvas = null;

self.addEventListener("message", async ({ data: { id, bitmap, quality } }) => {
  try {
    canvas ??= new OffscreenCanvas(bitmap.width, bitmap.height);
    if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
      canvas.width = bitmap.width;
      canvas.height = bitmap.height;
    }
    const context = canvas.getContext("2d", { alpha: false });
    if (!context) throw new Error("no 2d context in a worker");
    context.drawImage(bitmap, 0, 0);
    const blob = await canvas.convertToBlob({ type: "image/jpeg", quality });
    const bytes = await blob.arrayBuffer();
    self.postMessage({ id, bytes }, { transfer: [bytes] });
  } catch (error) {
    self.postMessage({ id, error: String(error) });
  } finally {
    bitmap.close();
  }
});
