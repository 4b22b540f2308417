/** What the page says: how the share stands, who is in the picture, and what viewers see of it. */
import { find } from "../dom.js";
import { advice, counts, fill, summary, URGENT_FIRST, word } from "../words.js";

/** @typedef {"connecting" | "waiting" | "live" | "stalled" | "paused" | "away" | "ended" | "full" | "unknown"} Shown */

/** Milliseconds that an answer must last before it is read aloud. */
const SETTLED = 1_000;

/** What each phase of the share is for programs that drive the page (contract: Pages). */
const STATES = /** @type {const} */ ({
  connecting: "connecting",
  waiting: "connecting",
  live: "live",
  stalled: "stalled",
  paused: "idle",
  away: "stalled",
  ended: "error",
  full: "error",
  unknown: "error",
});

export class Screen {
  #root = document.documentElement;
  #state;
  /** @type {Shown | null} */
  #phase = null;
  #status = find("#status", HTMLElement);
  #name = find("#name", HTMLElement);
  #notice = find("#notice", HTMLElement);
  #chip = find("#chip", HTMLElement);
  #seen = find(".seen", HTMLElement);
  #answer = find("#answer", HTMLElement);
  #advice = find("#advice", HTMLElement);
  #spoken = find("#spoken", HTMLElement);
  #privacy = find("#privacy", HTMLElement);
  #icon = find("#answer-icon use", SVGUseElement);
  #sprite = (this.#icon.getAttribute("href") ?? "").replace(/#.*/, "");
  #speakTimer = 0;

  /** @param {import("../state.js").PageState} state */
  constructor(state) {
    this.#state = state;
  }

  /** Where the label icons are. */
  get sprite() {
    return this.#sprite;
  }

  /** @returns {Shown | null} null before it was set */
  get phase() {
    return this.#phase;
  }

  /** How the share stands; all but `live` and `stalled` take the stage. */
  set phase(/** @type {Shown} */ phase) {
    if (phase === this.#phase) return;
    this.#root.dataset.phase = this.#phase = phase;
    this.#state.phase = STATES[phase];
    fill(this.#status, `watch.state.${phase}`);
    const seen = phase === "live" || phase === "stalled";
    this.#notice.hidden = seen;
    for (const part of ["title", "text"]) {
      fill(find(`#notice-${part}`, HTMLElement), seen ? null : `watch.notice.${phase}.${part}`);
    }
    if (phase !== "stalled") this.chip(null);
    if (!seen) this.#write("", "", "none");
  }

  /** @param {string} name the owner's, may be empty */
  set name(name) {
    this.#name.textContent = name;
    document.title = name ? word("watch.titleNamed", { name }) : word("watch.title");
  }

  /** @param {"none" | "boxes" | "picture"} shown what viewers see of the owner */
  set shown(shown) {
    fill(this.#privacy, `watch.privacy.${shown}`);
  }

  /**
   * @param {string | null} path of the words at the picture's upper edge; null takes them away
   * @param {Record<string, number>} [values]
   */
  chip(path, values = {}) {
    this.#chip.hidden = path === null;
    fill(this.#chip, path, values);
  }

  /** @param {readonly import("../messages.js").Face[]} faces largest first */
  faces(faces) {
    const [first] = faces;
    const beside = faces.length === 1 && first ? advice(first) : counts(faces);
    const tone = URGENT_FIRST.find((label) => faces.some((face) => face.label === label)) ?? "none";
    this.#write(summary(faces), beside, tone);
  }

  /**
   * @param {string} answer
   * @param {string} advised
   * @param {string} tone a label, or `none`
   */
  #write(answer, advised, tone) {
    if (this.#answer.textContent === answer && this.#advice.textContent === advised) return;
    this.#answer.textContent = answer;
    this.#advice.textContent = advised;
    this.#seen.dataset.tone = tone;
    this.#icon.setAttribute("href", `${this.#sprite}#${tone === "none" ? "mark" : tone}`);
    clearTimeout(this.#speakTimer);
    this.#speakTimer = setTimeout(() => {
      this.#spoken.textContent = answer && `${answer}. ${advised}`;
    }, SETTLED);
  }
}
