/** Several pictures, side by side with their boxes; one opens large. */
import { find } from "../dom.js";
import { loadIcons } from "../icons.js";
import { fill, onLanguage } from "../words.js";
import { checkAll } from "./queue.js";
import { Results, saveCsv, saveJson } from "./results.js";
import { Tile } from "./tile.js";

/** @typedef {import("./queue.js").Entry} Entry */

/** More would fill a phone's memory; the words say so. */
const MOST = 100;

export class Gallery {
  #parts;
  #root = find("#gallery", HTMLElement);
  #turn = find("#gallery-turn", HTMLElement);
  #list = find("#gallery-tiles", HTMLElement);
  #template = find("#gallery-tile", HTMLTemplateElement);
  #bar = find("#gallery-bar", HTMLProgressElement);
  #progress = find("#gallery-progress", HTMLElement);
  #note = find("#gallery-note", HTMLElement);
  #run = find("#gallery-run", HTMLButtonElement);
  #name = find("#gallery-name", HTMLElement);
  #results = new Results();
  /** @type {Entry[]} */
  #entries = [];
  /** @type {Tile[]} used again for the next pictures, for an overlay listens as long as the page lasts */
  #tiles = [];
  /** @type {Promise<ReadonlyMap<string, Path2D>> | null} */
  #icons = null;
  #checking = new AbortController();
  #running = false;
  /** Which picture is shown large; -1 for all of them. */
  #large = -1;
  #address = "";
  /** How many files were given. */
  #given = 0;

  /**
   * @param {object} parts
   * @param {import("../overlay.js").Overlay} parts.overlay
   * @param {import("../stage.js").Stage} parts.stage
   * @param {import("../state.js").PageState} parts.state
   * @param {() => Promise<import("../transport.js").Choice>} parts.choice
   * @param {() => void} parts.onChange the gallery came on the stage or left it
   */
  constructor(parts) {
    this.#parts = parts;
    document.addEventListener("keydown", (event) => this.#press(event));
    onLanguage(() => this.#showEntries());
  }

  /**
   * What its buttons do.
   * @returns {Record<string, () => void>}
   */
  get verbs() {
    return {
      gallery: () => this.#showAll(),
      "gallery-previous": () => this.#showLarge(this.#next(-1)),
      "gallery-next": () => this.#showLarge(this.#next(1)),
      "gallery-stop": () => this.#checking.abort(),
      "gallery-resume": () => this.#check(),
      "gallery-csv": () => saveCsv(this.#entries),
      "gallery-json": () => saveJson(this.#entries),
    };
  }

  /** Whether pictures are on the stage, all of them or one of them large. */
  get shown() {
    return this.#entries.length > 0;
  }

  /** All faces found so far; null where one picture is shown large, or none. */
  get faces() {
    if (!this.shown || this.#large >= 0) return null;
    return this.#entries.flatMap(({ answer }) => answer?.faces ?? []);
  }

  /**
   * @param {readonly File[]} files
   * @param {readonly File[]} films those among them that are no pictures: each says in its place what to do
   */
  open(files, films) {
    this.close();
    this.#icons ??= loadIcons(find("use", SVGUseElement, this.#template.content).href.baseVal.replace(/#.*/, ""));
    this.#given = files.length;
    this.#entries = files.slice(0, MOST).map((file) => ({ file, status: "waiting" }));
    for (const entry of this.#entries) {
      if (films.includes(entry.file)) Object.assign(entry, { status: "failed", problem: "film" });
    }
    for (const [index, entry] of this.#entries.entries()) {
      const tile = (this.#tiles[index] ??= new Tile(this.#template, this.#icons, () => this.#showLarge(index)));
      tile.show(entry);
      this.#list.append(tile.element);
    }
    this.#say(null);
    this.#parts.state.phase = "idle";
    this.#showAll();
    this.#root.scrollTop = 0;
    this.#parts.onChange();
    this.#check();
  }

  /** Asks about all pictures once more, as after another model was chosen. */
  again() {
    this.#checking.abort();
    for (const entry of this.#entries) {
      if (entry.problem === "unreadable" || entry.problem === "film") continue;
      entry.status = "waiting";
      for (const found of /** @type {const} */ (["answer", "problem", "message", "code"])) delete entry[found];
      this.#showEntry(entry);
    }
    this.#check();
  }

  /** Lets go of the pictures. */
  close() {
    if (!this.shown) return;
    this.#checking.abort();
    this.#leaveLarge();
    for (const [index, { photo }] of this.#entries.entries()) {
      if (photo) URL.revokeObjectURL(photo.thumbnail);
      this.#tiles[index]?.clear();
    }
    this.#entries = [];
    this.#results.show([]);
    this.#root.hidden = true;
    this.#turn.hidden = true;
    this.#parts.onChange();
  }

  async #check() {
    const entries = this.#entries;
    const { signal } = (this.#checking = new AbortController());
    this.#running = true;
    this.#showProgress();
    const choice = await this.#parts.choice();
    const reached = await checkAll(entries, {
      choice,
      onChange: (entry) => {
        if (entries === this.#entries) this.#showEntry(entry);
      },
      onWait: (seconds) => this.#say("gallery.wait", { seconds }),
      signal,
    });
    // Another run, or none, has taken its place.
    if (entries !== this.#entries || signal !== this.#checking.signal) return;
    this.#running = false;
    this.#showProgress();
    if (!reached) this.#say("gallery.unreachable");
    else if (signal.aborted) this.#say("gallery.stopped");
  }

  #showEntries() {
    for (const [index, entry] of this.#entries.entries()) this.#tiles[index]?.show(entry);
    this.#results.show(this.#entries);
  }

  /** @param {Entry} entry */
  #showEntry(entry) {
    const index = this.#entries.indexOf(entry);
    this.#tiles[index]?.show(entry);
    this.#results.show(this.#entries);
    this.#showProgress();
    if (this.#large === index) this.#parts.overlay.show(entry.answer?.faces ?? [], null);
    if (this.#large < 0) this.#parts.overlay.clear(); // which tells the page how many faces there are now
  }

  #showProgress() {
    const pictures = this.#entries.filter(({ problem }) => problem !== "film");
    const all = pictures.length;
    const done = pictures.filter(({ status }) => status === "checked" || status === "failed").length;
    this.#bar.max = all;
    this.#bar.value = done;
    this.#bar.hidden = done === all;
    if (done === all) fill(this.#progress, "gallery.finished", { count: all });
    else fill(this.#progress, "gallery.progress", { done, all });
    this.#run.hidden = done === all;
    this.#run.dataset.action = this.#running ? "gallery-stop" : "gallery-resume";
    fill(this.#run, this.#running ? "gallery.stop" : "gallery.resume");
    if (this.#running && done > 0) this.#say(null);
    this.#root.setAttribute("aria-busy", String(this.#running));
  }

  /**
   * @param {string | null} path of the words under the progress, read aloud; what was left out where it is null
   * @param {import("../words.js").Values} [values]
   */
  #say(path, values) {
    const surplus = this.#given > MOST ? "gallery.surplus" : null;
    fill(this.#note, path ?? surplus, { ...values, most: MOST, given: this.#given });
  }

  #showAll() {
    const left = this.#large;
    this.#leaveLarge();
    this.#root.hidden = false;
    this.#parts.overlay.clear();
    this.#parts.stage.chip(null);
    this.#parts.stage.showView("gallery");
    this.#parts.onChange();
    this.#tiles[left]?.focus();
  }

  /** @param {number} index */
  #showLarge(index) {
    const entry = this.#entries[index];
    if (!entry?.photo) return;
    const { overlay, stage } = this.#parts;
    this.#leaveLarge();
    this.#large = index;
    this.#address = URL.createObjectURL(entry.photo.blob);
    this.#root.hidden = true;
    this.#turn.hidden = this.#next(1) === index;
    overlay.fit(entry.photo.width, entry.photo.height);
    overlay.clear();
    const alt = { path: "gallery.alt", values: { name: entry.file.name } };
    stage.showPhoto(this.#address, alt, { path: "gallery.all", action: "gallery" });
    this.#name.textContent = entry.file.name;
    overlay.show(entry.answer?.faces ?? [], null);
    this.#parts.onChange();
    if (!this.#turn.contains(document.activeElement)) find("#notice-button", HTMLButtonElement).focus();
  }

  #leaveLarge() {
    if (this.#large < 0) return;
    URL.revokeObjectURL(this.#address);
    this.#large = -1;
    this.#turn.hidden = true;
    this.#parts.stage.hidePhoto();
  }

  /**
   * The picture beside the large one, round and round; one that could not be opened is left out.
   * @param {1 | -1} step
   */
  #next(step) {
    const all = this.#entries.length;
    let index = this.#large;
    do index = (index + step + all) % all;
    while (!this.#entries[index]?.photo && index !== this.#large);
    return index;
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (this.#large < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.target instanceof HTMLSelectElement || event.target instanceof HTMLInputElement) return;
    const onwards = getComputedStyle(this.#root).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    if (event.key === "Escape") this.#showAll();
    else if (event.key === onwards) this.#showLarge(this.#next(1));
    else if (event.key === "ArrowLeft" || event.key === "ArrowRight") this.#showLarge(this.#next(-1));
  }
}
