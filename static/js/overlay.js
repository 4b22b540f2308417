/**
 * The canvas over the picture. Its draw loop runs at the display's rate while a box moves and rests otherwise,
 * apart from the loop that asks for answers.
 */
import { clip, contain, overlap, place } from "./geometry.js";
import { Glide } from "./glide.js";
import { drawBrackets, drawPlate, plateSize, plateWords } from "./marks.js";
import { measureDrawn } from "./measure.js";
import { readPalette } from "./palette.js";
import { placePlate } from "./plates.js";

/** Milliseconds; about an answer's interval, so that a box arrives when its next place is known. */
const GLIDE = 120;

/** Above this many faces plates carry icon and word only, or nobody could tell whose they are. */
const CROWD = 6;

export class Overlay {
  #canvas;
  #context;
  #onDrawn;
  #palette = readPalette(document.documentElement);
  #reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
  #glide = new Glide(0);
  /** @type {ReadonlyMap<string, Path2D>} */
  #icons = new Map();
  #picture = { width: 0, height: 0 };
  #mirrored = false;
  #stale = false;
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
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.#palette = readPalette(document.documentElement);
      this.#request();
    });
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
    this.show([], null);
  }

  #followMotion() {
    this.#glide.duration = this.#reducedMotion.matches ? 0 : GLIDE;
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

  /** @param {readonly import("./messages.js").Face[]} faces */
  #paint(faces) {
    const stage = this.#fitCanvas();
    const picture = contain(this.#picture.width, this.#picture.height, stage);
    const context = this.#context;
    context.clearRect(0, 0, stage.width, stage.height);
    const places = faces.map((face) => clip(place(face.box, picture, this.#mirrored), picture));
    for (const [index, face] of faces.entries()) {
      const rect = places[index];
      const colour = this.#stale ? this.#palette.stale : this.#palette.onPicture(face.label);
      if (rect) drawBrackets(context, rect, colour, this.#palette.outline);
    }
    const fontSize = this.#palette.fontSize(picture.width);
    /** @type {import("./geometry.js").Rect[]} */
    const plates = [];
    for (const [index, face] of faces.entries()) {
      const rect = places[index];
      if (!rect) continue;
      const words = plateWords(face);
      if (faces.length > CROWD) words.beside = "";
      const put = () => placePlate(rect, plateSize(context, words, this.#palette, fontSize), picture, places, plates);
      let plate = put();
      const taken = [...plates, ...places.filter((other) => other !== rect)];
      if (words.beside && taken.some((other) => overlap(plate, other) > 0)) {
        words.beside = "";
        plate = put();
      }
      plates.push(plate);
      drawPlate(context, plate, face.label, words, this.#palette, this.#icons, this.#stale);
    }
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
