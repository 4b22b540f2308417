/** The time line: a row a face, a bar a stretch of one label, told apart by colour, pattern and shape. */
import { find } from "../dom.js";
import { word } from "../words.js";
import { clock } from "./times.js";

/** @typedef {import("./tracks.js").Stretch} Stretch */
/** @typedef {import("./tracks.js").Track} Track */

export class Timeline {
  #root = find("#film-tracks", HTMLElement);
  #template = find("#film-row", HTMLTemplateElement);
  #icons = find("#film-icons", HTMLTemplateElement);
  #said = find("#film-said", HTMLElement);
  #onSeek;
  #duration = 1;
  /** @type {HTMLElement | null} the bar that is pointed at */
  #pointed = null;

  /** @param {(time: number) => void} onSeek a stretch was pressed; seconds */
  constructor(onSeek) {
    this.#onSeek = onSeek;
    this.#root.addEventListener("keydown", (event) => this.#press(event));
    this.#say(null);
  }

  /** @param {number} duration of the film, in seconds */
  clear(duration) {
    this.#duration = duration;
    this.#root.replaceChildren();
    this.#say(null);
  }

  /**
   * Shows tracks in the words of another language.
   * @param {readonly Track[]} tracks
   */
  showAnew(tracks) {
    for (const track of tracks) this.show(track, true);
    this.#say(this.#pointed);
  }

  /**
   * Shows a track's stretches, as far as they are known.
   * @param {Track} track
   * @param {boolean} [anew] all of them; else all but the last are as they were
   */
  show({ number, stretches }, anew = false) {
    const row = this.#root.children[number - 1] ?? this.#addRow();
    const lane = find(".lane", HTMLElement, row);
    find(".who", HTMLElement, row).textContent = word("video.face", { number });
    for (let index = anew ? 0 : Math.max(0, lane.children.length - 1); index < stretches.length; index += 1) {
      const stretch = /** @type {Stretch} */ (stretches[index]);
      const bar = lane.children[index] ?? this.#addBar(lane, stretch);
      if (!(bar instanceof HTMLElement)) continue;
      bar.style.setProperty("--from", String(stretch.from / this.#duration));
      bar.style.setProperty("--to", String(Math.min(1, stretch.to / this.#duration)));
      bar.setAttribute("aria-label", saying(number, stretch));
    }
  }

  #addRow() {
    const row = find("li", HTMLLIElement, /** @type {DocumentFragment} */ (this.#template.content.cloneNode(true)));
    this.#root.append(row);
    return row;
  }

  /**
   * @param {HTMLElement} lane
   * @param {Stretch} stretch
   */
  #addBar(lane, { label, from }) {
    const bar = document.createElement("button");
    bar.type = "button";
    bar.dataset.label = label;
    bar.append(find(`[data-label=${label}] svg`, SVGSVGElement, this.#icons.content).cloneNode(true));
    // One stop for the Tab key, arrows from there: a film can have hundreds.
    bar.tabIndex = this.#root.querySelector("[tabindex='0']") ? -1 : 0;
    bar.addEventListener("click", () => this.#onSeek(from));
    for (const type of ["pointerenter", "focus"]) bar.addEventListener(type, () => this.#say(bar));
    for (const type of ["pointerleave", "blur"]) bar.addEventListener(type, () => this.#say(null));
    lane.append(bar);
    return bar;
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    const bar = event.target;
    if (!(bar instanceof HTMLElement) || event.altKey || event.ctrlKey || event.metaKey) return;
    const bars = [...this.#root.querySelectorAll("button")];
    const onwards = getComputedStyle(this.#root).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    const row = bar.closest("li");
    const to = {
      [onwards === "ArrowRight" ? "ArrowLeft" : "ArrowRight"]: bars[bars.findIndex((other) => other === bar) - 1],
      [onwards]: bars[bars.findIndex((other) => other === bar) + 1],
      ArrowUp: row?.previousElementSibling?.querySelector("button"),
      ArrowDown: row?.nextElementSibling?.querySelector("button"),
      Home: bars[0],
      End: bars.at(-1),
    }[event.key];
    if (!to) return;
    event.preventDefault();
    bar.tabIndex = -1;
    to.tabIndex = 0;
    to.focus();
  }

  /** @param {HTMLElement | null} bar that is pointed at */
  #say(bar) {
    this.#pointed = bar;
    this.#said.textContent = bar?.ariaLabel ?? word("video.hint");
  }
}

/**
 * A stretch in words.
 * @param {number} number of its face
 * @param {Stretch} stretch
 */
function saying(number, { label, from, to, certainty }) {
  return word("video.stretch", {
    number,
    label: word(`labels.${label}`),
    from: clock(from),
    to: clock(to),
    certainty: Math.round(100 * certainty),
  });
}
