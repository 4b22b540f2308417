/** A picture of the gallery, small: with its boxes, its name and what was found. */
import { find } from "../dom.js";
import { Overlay } from "../overlay.js";
import { mostUrgent, summary } from "../words.js";
import { standing } from "./queue.js";

export class Tile {
  /** @type {HTMLLIElement} */
  element;
  #button;
  #image;
  #overlay;
  #icon;
  #sprite;

  /**
   * @param {HTMLTemplateElement} template
   * @param {Promise<ReadonlyMap<string, Path2D>>} icons by label
   * @param {() => void} onOpen it was pressed
   */
  constructor(template, icons, onOpen) {
    this.element = find("li", HTMLLIElement, /** @type {DocumentFragment} */ (template.content.cloneNode(true)));
    this.#button = find("button", HTMLButtonElement, this.element);
    this.#image = find("img", HTMLImageElement, this.element);
    this.#icon = find("use", SVGUseElement, this.element);
    this.#sprite = (this.#icon.getAttribute("href") ?? "").replace(/#.*/, "");
    this.#overlay = new Overlay(find("canvas", HTMLCanvasElement, this.element), () => {});
    this.#overlay.small = true;
    icons.then((loaded) => (this.#overlay.icons = loaded));
    this.#button.addEventListener("click", onOpen);
  }

  /** @param {import("./queue.js").Entry} entry */
  show(entry) {
    const { file, status, photo, answer } = entry;
    const faces = answer?.faces ?? [];
    if (photo) {
      if (this.#image.src !== photo.thumbnail) this.#image.src = photo.thumbnail;
      this.#overlay.fit(photo.width, photo.height);
    } else {
      this.#image.removeAttribute("src");
    }
    this.#image.hidden = !photo;
    this.#overlay.show(faces, null);
    const tone = answer ? mostUrgent(faces) : "none";
    this.element.dataset.status = status;
    this.element.dataset.tone = tone;
    this.#icon.setAttribute("href", `${this.#sprite}#${tone === "none" ? "mark" : tone}`);
    find(".name", HTMLElement, this.element).textContent = file.name;
    find(".said", HTMLElement, this.element).textContent = answer ? summary(faces) : standing(entry);
    this.#button.disabled = !photo;
    this.#button.title = file.name;
  }

  focus() {
    this.#button.focus();
  }

  /** Lets go of the picture; the tile can show another one later. */
  clear() {
    this.#image.removeAttribute("src");
    this.#overlay.clear();
    this.element.remove();
  }
}
