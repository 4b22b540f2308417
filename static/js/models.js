/** Puts the models page together: words, sorting, times, and which model is used live on this device. */
import { find } from "./dom.js";
import { offerLanguages } from "./language-picker.js";
import { Memory } from "./memory.js";
import { Sorting } from "./sorting.js";
import { RUNS } from "./timing.js";
import { Timings } from "./timings.js";
import { fillWords } from "./words.js";

find("#help-time", HTMLElement).dataset.runs = String(RUNS);
fillWords(document);
offerLanguages();
const memory = new Memory();
const table = find("#models", HTMLTableElement);
const each = find(".each", HTMLElement);

const sorting = new Sorting(table, find("[data-action=by]", HTMLSelectElement), (names) => {
  // The models one by one follow the table.
  each.append(...names.map((name) => find(`article[data-model="${name}"]`, HTMLElement, each)));
});
new Timings(table, () => sorting.again());

/** Marks the model that the live page uses: chosen here, else what goes with the face finder chosen here, else the default. */
function markInForce() {
  const rows = [...find("tbody", HTMLTableSectionElement, table).rows];
  const [model, finder] = [memory.get("model"), memory.get("detector")];
  const chosen =
    rows.find((row) => row.dataset.model === model) ??
    rows.find((row) => finder && row.dataset.finders?.split(" ").includes(finder)) ??
    rows.find((row) => row.dataset.default);
  for (const row of rows) find("[data-in-force]", HTMLElement, row).hidden = row !== chosen;
}

markInForce();
addEventListener("pageshow", markInForce); // come back to after another was chosen
