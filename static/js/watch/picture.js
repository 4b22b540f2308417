/** The canvas under the boxes: the shared picture, or a plain ground of the same shape where it is not shown. */

/** Pixels of the longer side of the plain ground, which is stretched to the stage. */
const GROUND = 320;

export class Picture {
  #canvas;
  #context;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    const context = canvas.getContext("2d", { alpha: true });
    if (!context) throw new Error("This browser cannot draw on a canvas.");
    this.#canvas = canvas;
    this.#context = context;
  }

  /** @param {boolean} mirrored */
  set mirrored(mirrored) {
    this.#canvas.classList.toggle("mirrored", mirrored);
  }

  /** @param {ImageBitmap} bitmap let go of after it is drawn */
  draw(bitmap) {
    this.#size(bitmap.width, bitmap.height);
    this.#context.drawImage(bitmap, 0, 0);
    bitmap.close();
  }

  /**
   * @param {number} width of the picture that is not shown
   * @param {number} height
   */
  plain(width, height) {
    const scale = GROUND / Math.max(width, height, 1);
    this.#size(Math.round(width * scale), Math.round(height * scale));
    this.#context.fillStyle = getComputedStyle(this.#canvas).getPropertyValue("--no-picture");
    this.#context.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
  }

  clear() {
    this.#size(1, 1);
    this.#context.clearRect(0, 0, 1, 1);
  }

  /**
   * @param {number} width
   * @param {number} height
   */
  #size(width, height) {
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
  }
}

/**
 * @param {ArrayBuffer} bytes JPEG, PNG or WebP; the browser finds out which
 * @returns {Promise<ImageBitmap | null>} null where it cannot be read
 */
export function decode(bytes) {
  return createImageBitmap(new Blob([bytes])).catch(() => null);
}
