/**
 * The canvas over the picture. Its draw loop runs at the display's rate while a box moves and rests otherwise,
 * apart from the loop that asks for answers.
 */
import { contain } from "./geometry.js";
import { Glide } from "./glide.js";
import { measureDrawn } from "./measure.js";
import { identity } from "./messages.js";
import { paint } from "./paint.js";
import { readPalette } from "./palette.js";
import { onLanguage } from "./words.js";

/** CSS pixels round a box in which a tap still means it. */
const NEAR = 12;

export class Overlay {
  /** Whether the picture is a thumbnail: then the plates of several faces are their icons alone. */
  small = false;
  #canvas;
  #context;
  #onDrawn;
  #palette = readPalette(document.documentElement);
  #reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
  #glide = new Glide();
  /** @type {ReadonlyMap<string, Path2D>} */
  #icons = new Map();
  #picture = { width: 0, height: 0 };
  #mirrored = false;
  #stale = false;
  /** @type {number | null} */
  #chosen = null;
  /** @type {{id: number, rect: import("./geometry.js").Rect}[]} the faces as drawn last */
  #drawn = [];
  #requested = 0;
  /** @type {{faces: readonly import("./messages.js").Face[], at: number | null} | null} not drawn yet */
  #news = null;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {(faces: readonly import("./messages.js").Face[], age?: number) => void} onDrawn once for every answer,
   *   when its boxes are on the canvas; `age`: milliseconds since its picture was captured
   */
  constructor(canvas, onDrawn) {
    const context = canvas.getContext("2d");
    if (!context) throw new Error("This browser cannot draw on a canvas.");
    this.#canvas = canvas;
    this.#context = context;
    this.#onDrawn = onDrawn;
    this.#followMotion();
    this.#reducedMotion.addEventListener("change", () => this.#followMotion());
    const restyle = () => {
      this.#palette = readPalette(document.documentElement);
      this.#request();
    };
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", restyle);
    onLanguage(restyle);
    // Drawn with what letters there were; those of a language's own type come when they are first needed.
    document.fonts.addEventListener("loadingdone", () => this.#request());
    new ResizeObserver(() => this.#request()).observe(canvas);
  }

  /** @param {ReadonlyMap<string, Path2D>} icons by label */
  set icons(icons) {
    this.#icons = icons;
    this.#request();
  }

  /** Whether the picture is shown mirrored; boxes follow it, words don't. */
  set mirrored(/** @type {boolean} */ mirrored) {
    this.#mirrored = mirrored;
    this.#request();
  }

  /** Whether the answers are old; then they are drawn grey. */
  set stale(/** @type {boolean} */ stale) {
    if (stale === this.#stale) return;
    this.#stale = stale;
    this.#request();
  }

  /** The identity of the face that was chosen, if any: its plate is marked. */
  set chosen(/** @type {number | null} */ chosen) {
    if (chosen === this.#chosen) return;
    this.#chosen = chosen;
    this.#request();
  }

  /** How the answers look now, for a snapshot that looks alike. */
  get look() {
    return { palette: this.#palette, icons: this.#icons, mirrored: this.#mirrored };
  }

  /** The size of the picture that is shown. */
  get size() {
    return this.#picture;
  }

  /**
   * The face at a place, the smallest where boxes overlap.
   * @param {number} x CSS pixels from the canvas's left edge
   * @param {number} y CSS pixels from its upper edge
   * @returns {number | null} its identity
   */
  faceAt(x, y) {
    const hit = this.#drawn.filter(({ rect }) => {
      const across = x >= rect.x - NEAR && x <= rect.x + rect.width + NEAR;
      return across && y >= rect.y - NEAR && y <= rect.y + rect.height + NEAR;
    });
    hit.sort((one, other) => one.rect.width * one.rect.height - other.rect.width * other.rect.height);
    return hit[0]?.id ?? null;
  }

  /**
   * The size of the picture that is shown.
   * @param {number} width
   * @param {number} height
   */
  fit(width, height) {
    this.#picture = { width, height };
    this.#request();
  }

  /**
   * Shows an answer.
   * @param {readonly import("./messages.js").Face[]} faces largest first
   * @param {number | null} at when its picture was captured, by `performance.now()`; null for a photo
   */
  show(faces, at) {
    this.#glide.aim(faces, performance.now());
    this.#news = { faces, at };
    this.#request();
  }

  clear() {
    this.#glide.clear();
    this.show([], null);
  }

  #followMotion() {
    this.#glide.still = this.#reducedMotion.matches;
  }

  #request() {
    this.#requested ||= requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.#requested = 0;
    const now = performance.now();
    this.#paint(this.#glide.at(now));
    const news = this.#news;
    this.#news = null;
    if (news) this.#onDrawn(news.faces, news.at === null ? undefined : measureDrawn(news.at));
    if (this.#glide.moving(now)) this.#request();
  }

  /** @param {readonly import("./glide.js").Shown[]} shown */
  #paint(shown) {
    const stage = this.#fitCanvas();
    this.#context.clearRect(0, 0, stage.width, stage.height);
    const places = paint(this.#context, shown, {
      picture: contain(this.#picture.width, this.#picture.height, stage),
      mirrored: this.#mirrored,
      palette: this.#palette,
      icons: this.#icons,
      stale: this.#stale,
      chosen: this.#chosen,
      small: this.small,
    });
    this.#drawn = shown.flatMap(({ face, opacity }, index) => {
      const rect = places[index];
      return rect && opacity === 1 ? [{ id: identity(face, index), rect }] : [];
    });
  }

  /** Gives the canvas the screen's own resolution; returns its size in CSS pixels, which drawing uses. */
  #fitCanvas() {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const ratio = devicePixelRatio;
    const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.#canvas.width !== wide || this.#canvas.height !== high) {
      this.#canvas.width = wide;
      this.#canvas.height = high;
    }
    this.#context.setTransform(ratio, 0, 0, ratio, 0, 0);
    return { width, height };
  }
}
