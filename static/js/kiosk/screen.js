/** What the kiosk shows: the attract screen, the answer over the picture, or what has to be done before it runs. */
import { find } from "../dom.js";
import { lookUp, word } from "../words.js";

/**
 * @typedef {"notice" | "attract" | "people"} Scene
 * @typedef {import("./answer.js").Answer} Answer
 */

/** Letters up to which a sentence is short enough for one line of an upright screen. */
const SHORT = 12;

/** Pixels by which the attract screen wanders, a step a minute: what stands still for months burns itself in. */
const WANDER = 12;

export class Screen {
  #root = document.documentElement;
  #band = find("#band", HTMLElement);
  #frame = find("#frame", HTMLElement);
  #sentence = find("#sentence", HTMLElement);
  #icon = find("#answer-icon use", SVGUseElement);
  #sprite = (this.#icon.getAttribute("href") ?? "").replace(/#.*/, "");
  #count = find("#count", HTMLElement);
  #attract = find("#attract", HTMLElement);
  #notice = find("#notice", HTMLElement);
  #trouble = find("#trouble", HTMLElement);
  #invite = find(".invite", HTMLElement);
  #clock = find("#clock", HTMLElement);
  #time;
  #neutral;

  /**
   * @param {object} parts
   * @param {string} parts.door its name; empty for none
   * @param {boolean} parts.neutral whether answers are told without their colour
   */
  constructor({ door, neutral }) {
    this.#neutral = neutral;
    this.#time = new Intl.DateTimeFormat(this.#root.lang, { hour: "numeric", minute: "2-digit" });
    find("#door", HTMLElement).textContent = door;
    this.tick(new Date());
  }

  /** @returns {Scene} */
  get scene() {
    return /** @type {Scene} */ (this.#root.dataset.scene);
  }

  /** @param {Scene} scene */
  set scene(scene) {
    if (scene === this.scene) return;
    this.#root.dataset.scene = scene;
    this.#notice.hidden = scene !== "notice";
    this.#attract.hidden = scene !== "attract";
  }

  /**
   * @param {Answer} answer
   * @param {number} count of people in view
   */
  show({ kind, words }, count) {
    const said = words !== "";
    const tone = !said ? "none" : kind === "looking" || this.#neutral ? "neutral" : kind;
    this.#root.dataset.answer = kind;
    this.#band.hidden = !said;
    this.#band.dataset.tone = this.#frame.dataset.tone = tone;
    if (said) {
      write(this.#sentence, word(words));
      this.#band.dataset.short = word(words).length <= SHORT ? "yes" : "no";
      const icon = `${this.#sprite}#${kind === "looking" ? "mark" : kind}`;
      if (this.#icon.getAttribute("href") !== icon) this.#icon.setAttribute("href", icon);
    }
    this.#count.hidden = count === 0;
    const [shown, spoken] = this.#count.querySelectorAll("span");
    if (shown) write(shown, new Intl.NumberFormat(this.#root.lang).format(count));
    if (spoken) write(spoken, word("kiosk.people", { count }));
  }

  /**
   * Says what keeps the kiosk from answering, in small: it is for whoever looks after it.
   * @param {string} path of the words; empty for nothing
   * @param {string} [detail] in the server's own words
   */
  trouble(path, detail = "") {
    this.#trouble.hidden = path === "";
    this.#invite.hidden = path !== ""; // nobody is asked to stand before a screen that cannot answer
    if (path) write(this.#trouble, detail ? `${word(path)} (${detail})` : word(path));
  }

  /**
   * The notice that takes the screen, with its one button.
   * @param {string} path of the words: `<path>.title`, `.text`, `.note`, `.button`, each only if there
   */
  notice(path) {
    for (const part of ["title", "text", "note"]) {
      const element = find(`#notice-${part}`, HTMLElement);
      element.hidden = lookUp(`${path}.${part}`) === null;
      if (!element.hidden) write(element, word(`${path}.${part}`));
    }
    write(find("[data-action=start]", HTMLButtonElement), word(`${path}.button`));
  }

  /** @param {Date} now */
  tick(now) {
    write(this.#clock, this.#time.format(now));
    const turn = (2 * Math.PI * now.getMinutes()) / 60;
    this.#attract.style.translate = `${WANDER * Math.cos(turn)}px ${WANDER * Math.sin(turn)}px`;
  }
}

/**
 * Writes only what changed: the same words again would be read aloud again, and laid out again, all day.
 * @param {Element} element
 * @param {string} text
 */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
