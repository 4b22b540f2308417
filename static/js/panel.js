/** The panel: the answer in words, how certain it is, and how fast answers come. */
import { find } from "./dom.js";
import { certainty } from "./messages.js";
import { advice, counts, summary, URGENT_FIRST, word } from "./words.js";

/** Milliseconds that an answer must last before it is read aloud. */
const SETTLED = 1_000;
const CHART = { width: 100, height: 32, edge: 1, least: 100 };

/** From here on an age is told in seconds. */
const LONG = 10_000;

export class Panel {
  #root = find("#panel", HTMLElement);
  #handle = find("[data-action=panel]", HTMLButtonElement);
  #answer = find("#answer", HTMLElement);
  #advice = find("#advice", HTMLElement);
  #spoken = find("#spoken", HTMLElement);
  #icon = find("#answer-icon use", SVGUseElement);
  #chart = find("#chart polyline", SVGPolylineElement);
  #sprite = (this.#icon.getAttribute("href") ?? "").replace(/#.*/, "");
  #speakTimer = 0;

  constructor() {
    this.open(false);
    this.showNothing();
  }

  /**
   * On narrow screens the panel is a sheet from below.
   * @param {boolean} [open] the other way round where not given
   */
  open(open = !this.#root.classList.contains("open")) {
    this.#root.classList.toggle("open", open);
    this.#handle.setAttribute("aria-expanded", String(open));
    find("span", HTMLElement, this.#handle).textContent = word(open ? "panel.less" : "panel.more");
  }

  /** Before there is any picture. */
  showNothing() {
    this.#write(word("summary.idle"), "", "none");
    this.#showCertainty(undefined);
  }

  /** @param {readonly import("./messages.js").Face[]} faces largest first */
  showFaces(faces) {
    const [first] = faces;
    const beside = faces.length === 1 && first ? advice(first) : counts(faces);
    this.#write(summary(faces), beside, mostUrgent(faces));
    this.#showCertainty(first);
  }

  /**
   * @param {import("./statistics.js").Statistics} statistics
   * @param {number} now milliseconds
   */
  showFigures(statistics, now) {
    const { ages, dropped } = statistics;
    const age = statistics.age(now);
    this.#figure("age", age === null ? word("panel.none") : duration(age));
    this.#figure("rate", age === null ? word("panel.none") : statistics.rate(now).toFixed(1));
    this.#figure("dropped", String(dropped));
    const scale = (CHART.height - CHART.edge) / Math.max(CHART.least, ...ages);
    const step = CHART.width / Math.max(1, ages.length - 1);
    const points = ages.map((value, index) => `${(index * step).toFixed(1)},${(CHART.height - value * scale).toFixed(1)}`);
    this.#chart.setAttribute("points", points.join(" "));
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
    this.#root.dataset.tone = tone;
    this.#icon.setAttribute("href", `${this.#sprite}#${tone === "none" ? "mark" : tone}`);
    clearTimeout(this.#speakTimer);
    this.#speakTimer = setTimeout(() => {
      this.#spoken.textContent = `${answer}. ${advised}`;
    }, SETTLED);
  }

  /** @param {import("./messages.js").Face | undefined} face */
  #showCertainty(face) {
    for (const row of this.#root.querySelectorAll("[data-certainty]")) {
      if (!(row instanceof HTMLElement)) continue;
      const label = /** @type {import("./messages.js").Label} */ (row.dataset.certainty);
      const share = face?.probabilities[label];
      row.classList.toggle("winner", face !== undefined && face.label === label && certainty(face) === share);
      row.style.setProperty("--share", String(share ?? 0));
      const figure = share === undefined ? word("panel.none") : `${Math.round(100 * share)} %`;
      find("output", HTMLOutputElement, row).textContent = figure;
    }
  }

  /**
   * @param {string} name
   * @param {string} text
   */
  #figure(name, text) {
    find(`[data-figure=${name}]`, HTMLElement, this.#root).textContent = text;
  }
}

/**
 * @param {number} age milliseconds
 * @returns {string}
 */
function duration(age) {
  if (age >= LONG) return word("panel.seconds", { value: Math.round(age / 1_000) });
  return word("panel.milliseconds", { value: Math.round(age) });
}

/**
 * The label that asks most of somebody; `none` where nobody is there.
 * @param {readonly import("./messages.js").Face[]} faces
 */
function mostUrgent(faces) {
  return URGENT_FIRST.find((label) => faces.some((face) => face.label === label)) ?? "none";
}
