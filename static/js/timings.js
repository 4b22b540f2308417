/** The column of times: measures a model, or all in turn, when somebody asks for it. */
import { find } from "./dom.js";
import { fetchPicture, measure, RUNS, TimingError } from "./timing.js";
import { fill, onLanguage, word } from "./words.js";

export class Timings {
  #table;
  #onTime;
  #portrait = find(".portrait img", HTMLImageElement);
  #all = find("[data-action=measure-all]", HTMLButtonElement);
  #progress = find("#progress", HTMLElement);
  #bar = find("#progress-bar", HTMLProgressElement);
  #troubles = find("#troubles", HTMLElement);
  #scale;
  /** @type {Map<string, import("./timing.js").Time>} by model */
  #times = new Map();
  /** @type {AbortController | null} while something is measured */
  #measuring = null;

  /**
   * @param {HTMLTableElement} table
   * @param {() => void} onTime a time came
   */
  constructor(table, onTime) {
    this.#table = table;
    this.#onTime = onTime;
    this.#scale = find("[data-longest]", HTMLElement, table);
    onLanguage(() => this.#show());
    this.#all.addEventListener("click", () => this.#pressed());
    for (const row of this.#rows) {
      find("[data-action=measure]", HTMLButtonElement, row).addEventListener("click", () => this.#run([row]));
    }
  }

  get #rows() {
    return [...find("tbody", HTMLTableSectionElement, this.#table).rows];
  }

  #pressed() {
    if (this.#measuring) this.#measuring.abort();
    else this.#run(this.#rows);
  }

  /** @param {HTMLTableRowElement[]} rows to measure in turn */
  async #run(rows) {
    if (this.#measuring) return;
    const measuring = (this.#measuring = new AbortController());
    this.#troubles.replaceChildren();
    this.#showMeasuring(true, rows.length);
    try {
      const picture = await fetchPicture(this.#portrait.src);
      for (const [at, row] of rows.entries()) {
        if (measuring.signal.aborted) break;
        this.#bar.value = at;
        await this.#one(row, picture, measuring.signal, (step) =>
          this.#say(rows.length > 1 ? word("models.measuring", { at: at + 1, count: rows.length, step }) : step),
        );
      }
      const done = this.#troubles.childElementCount > 0 ? "" : word("models.measured");
      this.#say(measuring.signal.aborted ? word("models.stopped") : done);
    } catch (error) {
      this.#say(measuring.signal.aborted ? word("models.stopped") : trouble(error, ""));
    } finally {
      this.#measuring = null;
      this.#showMeasuring(false, 0);
    }
    this.#onTime();
  }

  /**
   * @param {HTMLTableRowElement} row
   * @param {Blob} picture
   * @param {AbortSignal} signal
   * @param {(step: string) => void} say
   * @throws {TimingError} where the server is away: the next model would not fare better
   */
  async #one(row, picture, signal, say) {
    const { model = "", title = "", oneStage } = row.dataset;
    const cell = timeCell(row);
    cell.ariaBusy = "true";
    try {
      const time = await measure(model, oneStage ? "detect" : "classify", picture, signal, (run) => {
        say(word(run === 0 ? "models.warming" : "models.timing", { title, run, runs: RUNS }));
      });
      this.#times.set(model, time);
      this.#show();
    } catch (error) {
      if (signal.aborted || (error instanceof TimingError && error.problem === "unreachable")) throw error;
      const item = document.createElement("li");
      item.textContent = trouble(error, title);
      this.#troubles.append(item);
    } finally {
      cell.ariaBusy = null;
    }
  }

  /** Draws all times on one scale, from nothing to the slowest. */
  #show() {
    if (this.#times.size === 0) return;
    const longest = Math.max(...[...this.#times.values()].map((time) => time.high));
    this.#scale.textContent = word("models.milliseconds", { value: figure(longest) });
    for (const row of this.#rows) {
      const time = this.#times.get(row.dataset.model ?? "");
      if (time) draw(timeCell(row), time, longest);
    }
  }

  /**
   * @param {boolean} busy
   * @param {number} count of models
   */
  #showMeasuring(busy, count) {
    fill(find("span", HTMLElement, this.#all), busy ? "models.stop" : "models.measureAll");
    this.#bar.hidden = count < 2;
    this.#bar.max = Math.max(count, 1);
    this.#bar.value = 0;
    for (const row of this.#rows) find("[data-action=measure]", HTMLButtonElement, row).disabled = busy;
  }

  /** @param {string} text */
  #say(text) {
    this.#progress.textContent = text;
  }
}

/**
 * @param {HTMLTableCellElement} cell
 * @param {import("./timing.js").Time} time
 * @param {number} longest milliseconds
 */
function draw(cell, { median, low, high }, longest) {
  const at = (/** @type {number} */ value) => `${((100 * value) / (longest || 1)).toFixed(2)}%`;
  cell.dataset.value = String(median);
  find(".figure", HTMLElement, cell).textContent = word("models.milliseconds", { value: figure(median) });
  const range = { low: figure(low), high: figure(high) };
  find(".interval", HTMLElement, cell).textContent = word("figures.range", range);
  find("[data-range]", HTMLElement, cell).textContent = word("models.rangeSpoken", range);
  const gauge = find(".gauge", SVGSVGElement, cell);
  gauge.removeAttribute("hidden");
  find("rect", SVGRectElement, gauge).setAttribute("width", at(median));
  const [line, first, last] = gauge.querySelectorAll("line");
  for (const [end, x1, x2] of /** @type {const} */ ([[line, low, high], [first, low, low], [last, high, high]])) {
    end?.setAttribute("x1", at(x1));
    end?.setAttribute("x2", at(x2));
  }
  fill(find("[data-action=measure] span", HTMLElement, cell), "models.again");
}

/**
 * @param {number} milliseconds
 * @returns {string}
 */
function figure(milliseconds) {
  return milliseconds.toFixed(milliseconds < 10 ? 1 : 0);
}

/** @param {HTMLTableRowElement} row */
function timeCell(row) {
  return find("[data-column=time]", HTMLTableCellElement, row);
}

/**
 * @param {unknown} error
 * @param {string} title of the model
 * @returns {string}
 */
function trouble(error, title) {
  const { problem, message } = error instanceof TimingError ? error : new TimingError("refused", String(error));
  return word(`models.trouble.${problem}`, { title, message });
}
