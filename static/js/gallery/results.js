/** What was found in the gallery's pictures: as a table on the page and as files. */
import { find } from "../dom.js";
import { certainty, LABELS } from "../messages.js";
import { save, toCsv } from "../table.js";
import { number, word } from "../words.js";
import { because, standing } from "./queue.js";

/** @typedef {import("./queue.js").Entry} Entry */

/** Labels that have a probability. */
const CLASSES = /** @type {const} */ (["with_mask", "without_mask", "incorrect"]);

const COLUMNS = [
  ...["file", "status", "message", "faces", "face", "label", "word", "reason", "certainty", "score"],
  ...["x", "y", "width", "height", ...CLASSES.map((label) => `p_${label}`), "model", "detector"],
];

/**
 * A row a face; a picture without faces, or one that was not checked, has one row of its own.
 * @param {readonly Entry[]} entries
 * @returns {Record<string, import("../table.js").Cell>[]}
 */
export function rows(entries) {
  return entries.flatMap((entry) => {
    const { file, status, answer } = entry;
    const whole = { file: file.name, status, message: because(entry) };
    if (!answer) return [whole];
    const { faces, model, detector } = answer;
    const checked = { ...whole, faces: faces.length, model, detector };
    if (faces.length === 0) return [checked];
    return faces.map((face, index) => ({
      ...checked,
      ...face.box,
      ...Object.fromEntries(CLASSES.map((label) => [`p_${label}`, face.probabilities[label]])),
      face: index + 1,
      label: face.label,
      word: word(`labels.${face.label}`),
      reason: face.reason,
      certainty: certainty(face),
      score: face.score,
    }));
  });
}

/** @param {readonly Entry[]} entries */
export function saveCsv(entries) {
  save("maskgate-pictures.csv", "text/csv;charset=utf-8", toCsv(rows(entries), COLUMNS));
}

/** @param {readonly Entry[]} entries */
export function saveJson(entries) {
  const pictures = entries.map((entry) => ({
    file: entry.file.name,
    status: entry.status,
    message: because(entry),
    width: entry.photo?.width,
    height: entry.photo?.height,
    model: entry.answer?.model,
    detector: entry.answer?.detector,
    faces: entry.answer?.faces.map((face, index) => ({
      face: index + 1,
      word: word(`labels.${face.label}`),
      certainty: certainty(face),
      ...face,
    })),
  }));
  save("maskgate-pictures.json", "application/json", JSON.stringify(pictures, null, 2));
}

/** The table on the page: a row a face. */
export class Results {
  #body = find("#gallery-table tbody", HTMLTableSectionElement);
  #icons = find("#gallery-icons", HTMLTemplateElement);

  /** @param {readonly Entry[]} entries */
  show(entries) {
    this.#body.replaceChildren(...entries.flatMap((entry) => this.#rows(entry)));
  }

  /**
   * @param {Entry} entry
   * @returns {HTMLTableRowElement[]}
   */
  #rows(entry) {
    const { file, answer } = entry;
    if (!answer) return [row(file.name, "", standing(entry), "")];
    if (answer.faces.length === 0) return [row(file.name, "", word("summary.nobody"), "")];
    return answer.faces.map((face, index) => {
      const shown = row(
        file.name,
        number(index + 1),
        word(`labels.${face.label}`),
        word("figures.percent", { value: Math.round(100 * certainty(face)) }),
      );
      shown.dataset.label = face.label;
      shown.cells[2]?.prepend(this.#icon(face.label));
      return shown;
    });
  }

  /** @param {import("../messages.js").Label} label */
  #icon(label) {
    return find("svg", SVGSVGElement, this.#icons.content.children[LABELS.indexOf(label)]).cloneNode(true);
  }
}

/**
 * @param {string[]} cells
 * @returns {HTMLTableRowElement}
 */
function row(...cells) {
  const element = document.createElement("tr");
  for (const [index, text] of cells.entries()) {
    const cell = document.createElement(index === 0 ? "th" : "td");
    if (index === 0) cell.scope = "row";
    cell.textContent = text;
    element.append(cell);
  }
  return element;
}
