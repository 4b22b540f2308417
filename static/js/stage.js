/** What stands on the stage besides the picture: invitations, failures, and the chip that counts a stall. */
import { find } from "./dom.js";
import { fill, fillWords, lookUp } from "./words.js";

/**
 * @typedef {object} Notice
 * @property {string} path of the words: `<path>.title`, `.text`, `.note`, `.button`, each only if there
 * @property {Record<string, string | number>} [values] for the words
 * @property {string} [action] of the button
 * @property {string} [note] path of the note's words instead of the path's own
 * @property {boolean} [demo] whether the demo is offered beside it
 */

/** Milliseconds that a passing word stays: time to look up and read it. */
const PASSING = 8_000;

export class Stage {
  #stage = find("#stage", HTMLElement);
  #notice = find("#notice", HTMLElement);
  #button = find("#notice-button", HTMLButtonElement);
  #demo = find("#notice-demo", HTMLButtonElement);
  #demoMark = find("#demo-mark", HTMLElement);
  #chip = find("#chip", HTMLElement);
  #video = find("#video", HTMLVideoElement);
  #photo = find("#photo", HTMLImageElement);
  #spoken = find("#chip-spoken", HTMLElement);
  /** What stands on the chip until it is taken away, and what passes and shows when the other is not there. */
  #lasting = /** @type {string | null} */ (null);
  #passing = /** @type {string | null} */ (null);
  #passed = 0;
  /** Where the focus goes when the button it was on leaves the stage. */
  #next = find("[data-action=pause]", HTMLButtonElement);

  /** What the stage's button does, or would where it is hidden. */
  get action() {
    return this.#button.dataset.action ?? "";
  }

  /** @param {Notice} notice takes the stage */
  show({ path, values = {}, action = "start", note, demo = false }) {
    for (const part of ["title", "text", "note"]) {
      const element = find(`#notice-${part}`, HTMLElement, this.#notice);
      const own = part === "note" && note !== undefined ? note : `${path}.${part}`;
      const there = lookUp(own) !== null;
      element.hidden = !there;
      fill(element, there ? own : null, values);
    }
    this.#open(lookUp(`${path}.button`) === null ? null : `${path}.button`, action);
    this.#offerDemo(demo);
    delete this.#stage.dataset.view;
  }

  /** The picture alone: the camera's, with the stage's button out of the way. */
  clear() {
    this.#hide(this.#notice);
    delete this.#stage.dataset.view;
  }

  /**
   * Shows a photo in the picture's place.
   * @param {string} address of the photo
   * @param {{path: string, values?: Record<string, string>}} [alt] the words for what it shows
   * @param {{path: string, action: string}} [back] as for `showView`
   */
  showPhoto(address, alt = { path: "photo.alt" }, back) {
    this.#photo.src = address;
    this.#photo.dataset.wordAlt = alt.path;
    Object.assign(this.#photo.dataset, alt.values);
    fillWords(this.#photo);
    this.showView("photo", back);
    this.#photo.hidden = false;
  }

  /**
   * Gives the picture's place to something else, with one button under it.
   * @param {"photo" | "gallery" | "film"} view
   * @param {{path: string, action: string}} [back] the button and its words; back to the camera where not given
   */
  showView(view, back = { path: "stage.photoBack", action: "start" }) {
    for (const part of ["title", "text", "note"]) find(`#notice-${part}`, HTMLElement, this.#notice).hidden = true;
    this.#open(back.path, back.action);
    this.#offerDemo(false);
    this.#stage.dataset.view = view;
    this.#photo.hidden = true;
    this.#video.hidden = true;
  }

  hidePhoto() {
    this.#photo.hidden = true;
    this.#photo.removeAttribute("src");
    this.#video.hidden = false;
  }

  /** @param {string | null} text at the picture's upper edge; null takes it away */
  chip(text) {
    this.#lasting = text;
    this.#showChip(text ?? this.#passing);
  }

  /** @param {string} text on the chip for a while, unless something else is to be said there */
  say(text) {
    clearTimeout(this.#passed);
    this.#passing = text;
    this.#showChip(this.#lasting ?? text);
    this.#passed = setTimeout(() => {
      this.#passing = null;
      this.#showChip(this.#lasting);
    }, PASSING);
  }

  /** @param {string | null} text */
  #showChip(text) {
    this.#chip.hidden = text === null;
    if (text !== null && this.#chip.textContent !== text) this.#chip.textContent = text;
    // Read aloud once, not with every second that it counts.
    const said = (text ?? "").replace(/\p{Nd}+/gu, "");
    if (this.#spoken.dataset.said === said) return;
    this.#spoken.dataset.said = said;
    this.#spoken.textContent = text ?? "";
  }

  /** @param {boolean} demo whether the picture is no camera's */
  markDemo(demo) {
    this.#demoMark.hidden = !demo;
  }

  /** @param {boolean} mirrored */
  mirror(mirrored) {
    this.#video.classList.toggle("mirrored", mirrored);
  }

  /**
   * @param {string | null} path of the button's words, null for no button
   * @param {string} action
   */
  #open(path, action) {
    this.#notice.hidden = false;
    this.#button.dataset.action = action;
    fill(this.#button, path);
    this.#button.disabled = false;
    if (path === null) return this.#hide(this.#button);
    this.#button.hidden = false;
    // The control that was pressed is about to be disabled: its opposite takes the focus.
    if (document.activeElement === this.#next) this.#button.focus();
  }

  /** @param {boolean} offered with a button of its own; else the stage has one button */
  #offerDemo(offered) {
    if (!offered) {
      if (document.activeElement === this.#demo) this.#next.focus();
      this.#demo.remove();
      return;
    }
    fill(this.#demo, "demo.watch");
    this.#demo.hidden = false;
    this.#notice.append(this.#demo);
  }

  /** @param {HTMLElement} element */
  #hide(element) {
    const focused = element.contains(document.activeElement);
    element.hidden = true;
    if (focused) this.#next.focus();
  }
}
