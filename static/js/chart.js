/** The chart of where answers' time went: one area a part, stacked; its words are the list below it. */
import { median } from "./adaptation.js";
import { find } from "./dom.js";
import { PARTS } from "./statistics.js";
import { word } from "./words.js";

const WIDTH = 100;
const HEIGHT = 40;

/** Milliseconds that fill the chart at least, so that quick answers look quick. */
const LEAST = 100;

/** Milliseconds the scale grows by. */
const GRAIN = 50;

export class Chart {
  #areas;
  #figures;
  #scale = find("#chart-scale", HTMLElement);

  /** @param {SVGSVGElement} chart with a path for each part */
  constructor(chart) {
    this.#areas = new Map(PARTS.map((part) => [part, find(`[data-part=${part}]`, SVGPathElement, chart)]));
    this.#figures = new Map(PARTS.map((part) => [part, find(`[data-share=${part}]`, HTMLElement)]));
  }

  /** @param {readonly import("./statistics.js").Parts[]} answers oldest first */
  show(answers) {
    const tops = answers.map(() => 0);
    const sums = answers.map((parts) => PARTS.reduce((sum, part) => sum + parts[part], 0));
    const most = GRAIN * Math.ceil(Math.max(LEAST, ...sums) / GRAIN);
    const step = WIDTH / Math.max(1, answers.length - 1);
    const point = (/** @type {number} */ index, /** @type {number} */ value) =>
      `${(index * step).toFixed(1)} ${(HEIGHT - (value * HEIGHT) / most).toFixed(2)}`;
    for (const part of PARTS) {
      const below = tops.map((top, index) => point(index, top)).reverse();
      for (const [index, parts] of answers.entries()) tops[index] = (tops[index] ?? 0) + parts[part];
      const above = tops.map((top, index) => point(index, top));
      this.#areas.get(part)?.setAttribute("d", answers.length > 1 ? `M${[...above, ...below].join("L")}Z` : "");
      const figure = this.#figures.get(part);
      if (figure) figure.textContent = usual(answers.map((parts) => parts[part]));
    }
    this.#scale.textContent = answers.length > 1 ? word("live.chart.scale", { value: most, count: answers.length }) : "";
  }
}

/** @param {readonly number[]} values milliseconds */
function usual(values) {
  if (values.length === 0) return word("panel.none");
  const value = median(values);
  return word("panel.milliseconds", { value: value.toFixed(value < 10 ? 1 : 0) });
}
