/** The panel: the answer in words, and how fast answers come. */
import { Chart } from "./chart.js";
import { find } from "./dom.js";
import { advice, counts, fill, mostUrgent, number, onLanguage, summary, word } from "./words.js";

/** Milliseconds that an answer must last before it is read aloud. */
const SETTLED = 1_000;

/** From here on an age is told in seconds. */
const LONG = 10_000;

export class Panel {
  #root = find("#panel", HTMLElement);
  #handle = find("[data-action=panel]", HTMLButtonElement);
  #answer = find("#answer", HTMLElement);
  #advice = find("#advice", HTMLElement);
  #spoken = find("#spoken", HTMLElement);
  #icon = find("#answer-icon use", SVGUseElement);
  #chart = new Chart(find("#chart", SVGSVGElement));
  #sprite = (this.#icon.getAttribute("href") ?? "").replace(/#.*/, "");
  #speakTimer = 0;
  /** @type {readonly import("./messages.js").Face[] | null} those shown */
  #faces = null;

  constructor() {
    this.open(false);
    this.showNothing();
    onLanguage(() => (this.#faces ? this.showFaces(this.#faces) : this.showNothing()));
  }

  /**
   * On narrow screens the panel is a sheet from below.
   * @param {boolean} [open] the other way round where not given
   */
  open(open = !this.#root.classList.contains("open")) {
    this.#root.classList.toggle("open", open);
    this.#handle.setAttribute("aria-expanded", String(open));
    fill(find("span", HTMLElement, this.#handle), open ? "panel.less" : "panel.more");
  }

  /** Before there is any picture. */
  showNothing() {
    this.#faces = null;
    this.#write(word("summary.idle"), "", "none");
  }

  /** @param {readonly import("./messages.js").Face[]} faces largest first */
  showFaces(faces) {
    this.#faces = faces;
    const [first] = faces;
    const beside = faces.length === 1 && first ? advice(first) : counts(faces);
    this.#write(summary(faces), beside, mostUrgent(faces));
  }

  /**
   * @param {import("./statistics.js").Statistics} statistics
   * @param {{width: number, height: number, quality: number} | null} sending how pictures are sent
   * @param {number} now milliseconds
   */
  showFigures(statistics, sending, now) {
    const age = statistics.age(now);
    const { sent, answered, drawn, bytes } = statistics.rates(now);
    this.#figure("age", age === null ? null : duration(age));
    this.#figure("worst", age === null ? null : duration(statistics.worst(now) ?? age));
    this.#figure("sent", sending && number(sent.toFixed(1)));
    this.#figure("rate", age === null ? null : number(answered.toFixed(1)));
    this.#figure("drawn", age === null ? null : number(drawn.toFixed(1)));
    this.#figure("dropped", number(statistics.dropped));
    this.#figure("bytes", sending && word("live.figures.kilobytes", { value: Math.round(bytes / 1_000) }));
    this.#figure("picture", sending && word("live.figures.size", sending));
    this.#figure("quality", sending && word("figures.percent", { value: Math.round(100 * sending.quality) }));
    this.#chart.show(statistics.parts);
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
      this.#spoken.textContent = word("panel.spoken", { answer, advised });
    }, SETTLED);
  }

  /**
   * @param {string} name
   * @param {string | null} text null where there is none yet
   */
  #figure(name, text) {
    find(`[data-figure=${name}]`, HTMLElement, this.#root).textContent = text ?? word("panel.none");
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
