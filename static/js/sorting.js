/** A table that sorts by the column whose header is pressed, or that is picked where only one fits. */
import { find } from "./dom.js";
import { currentLanguage, word } from "./words.js";

/** @typedef {"ascending" | "descending"} Direction */

export class Sorting {
  #table;
  #picker;
  #onSort;
  #spoken = find("#sorted", HTMLElement);
  #body;

  /**
   * @param {HTMLTableElement} table its headers and cells have `data-column`, its cells `data-value` where known
   * @param {HTMLSelectElement} picker of a column
   * @param {(names: string[]) => void} onSort with the rows' `data-model` in their order
   */
  constructor(table, picker, onSort) {
    this.#table = table;
    this.#picker = picker;
    this.#onSort = onSort;
    this.#body = find("tbody", HTMLTableSectionElement, table);
    for (const header of this.#headers) {
      find("button", HTMLButtonElement, header).addEventListener("click", () => this.#pressed(header));
    }
    picker.addEventListener("change", () => {
      this.choose(picker.value);
      this.#by(this.#header(picker.value), this.#best(this.#header(picker.value)));
    });
  }

  /** Sorts anew as it is sorted now, as after a value came. */
  again() {
    const header = this.#headers.find((each) => each.ariaSort !== null);
    if (header) this.#sort(header, header.ariaSort === "ascending" ? "ascending" : "descending");
  }

  /**
   * Makes a column the one that stands out, and that is shown where only one fits.
   * @param {string} column
   */
  choose(column) {
    this.#picker.value = column;
    for (const cell of this.#table.querySelectorAll("[data-column]")) {
      cell.classList.toggle("chosen", cell.getAttribute("data-column") === column);
    }
  }

  /** @returns {HTMLTableCellElement[]} */
  get #headers() {
    return [...this.#table.querySelectorAll("thead [data-column]")].filter((each) => each instanceof HTMLTableCellElement);
  }

  /** @param {string} column */
  #header(column) {
    return find(`thead [data-column="${column}"]`, HTMLTableCellElement, this.#table);
  }

  /**
   * What puts the better end on top.
   * @param {HTMLElement} header
   * @returns {Direction}
   */
  #best(header) {
    return header.dataset.best === "low" ? "ascending" : "descending";
  }

  /** @param {HTMLTableCellElement} header */
  #pressed(header) {
    const now = header.ariaSort;
    const turned = now === "ascending" ? "descending" : "ascending";
    if (header.dataset.column !== "model") this.choose(header.dataset.column ?? "");
    this.#by(header, now === null ? this.#best(header) : turned);
  }

  /**
   * @param {HTMLTableCellElement} header
   * @param {Direction} direction
   */
  #by(header, direction) {
    for (const each of this.#headers) each.ariaSort = each === header ? direction : null;
    this.#sort(header, direction);
    const column = find("span", HTMLElement, header).textContent ?? "";
    this.#spoken.textContent = word(`models.${direction}`, { column });
  }

  /**
   * @param {HTMLTableCellElement} header
   * @param {Direction} direction
   */
  #sort(header, direction) {
    const sign = direction === "ascending" ? 1 : -1;
    const selector = `[data-column="${header.dataset.column}"]`;
    /** @param {HTMLTableRowElement} row */
    const value = (row) =>
      header.dataset.column === "model" ? row.dataset.title : find(selector, HTMLTableCellElement, row).dataset.value;
    const rows = [...this.#body.rows].sort((one, other) => {
      const [first, second] = [value(one), value(other)];
      // What was not measured is neither better nor worse: it stands last both ways.
      if (first === undefined || second === undefined) return Number(first === undefined) - Number(second === undefined);
      return sign * compare(first, second);
    });
    this.#body.append(...rows);
    this.#onSort(rows.map((row) => row.dataset.model ?? ""));
  }
}

/**
 * @param {string} one
 * @param {string} other numbers as numbers, all else as words
 */
function compare(one, other) {
  const difference = Number(one) - Number(other);
  return Number.isNaN(difference) ? one.localeCompare(other, currentLanguage()) : difference;
}
