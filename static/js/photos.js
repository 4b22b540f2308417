/** The photo view: takes a photo that was chosen, dropped or pasted, and shows it with its answers. */
import { find } from "./dom.js";
import { check, PhotoError, prepare } from "./photo.js";
import { word } from "./words.js";

export class Photos {
  #parts;
  #input = find("#photo-input", HTMLInputElement);
  /** @type {{blob: Blob, address: string, width: number, height: number} | null} */
  #shown = null;
  #asking = new AbortController();

  /**
   * @param {object} parts
   * @param {import("./overlay.js").Overlay} parts.overlay
   * @param {import("./stage.js").Stage} parts.stage
   * @param {import("./state.js").PageState} parts.state
   * @param {() => import("./transport.js").Choice} parts.choice
   * @param {() => void} parts.onOpen before a photo takes the stage
   * @param {() => void} parts.onChange a photo came on the stage or left it
   */
  constructor(parts) {
    this.#parts = parts;
    this.#input.addEventListener("change", () => {
      this.#open(this.#input.files);
      this.#input.value = ""; // so that the same photo can be chosen again
    });
    document.addEventListener("paste", (event) => this.#open(event.clipboardData?.files));
    this.#takeDrops(find("#stage", HTMLElement));
  }

  /** Whether a photo is on the stage. */
  get shown() {
    return this.#shown !== null;
  }

  /** Lets the person pick a photo. */
  choose() {
    this.#input.click();
  }

  /** Asks about the photo on the stage once more, as after another model was chosen. */
  async again() {
    const photo = this.#shown;
    if (!photo) return;
    const { choice, overlay, stage } = this.#parts;
    this.#asking.abort();
    const asking = (this.#asking = new AbortController());
    stage.chip(word("stage.checking"));
    try {
      const faces = await check(photo.blob, choice(), asking.signal);
      if (asking.signal.aborted) return;
      overlay.fit(photo.width, photo.height);
      overlay.show(faces, null);
      stage.chip(null);
    } catch (error) {
      if (!asking.signal.aborted) this.#fail(error, "");
    }
  }

  /** Takes the photo off the stage and lets go of it. */
  close() {
    this.#asking.abort();
    if (this.#shown) URL.revokeObjectURL(this.#shown.address);
    this.#shown = null;
    this.#parts.onChange();
  }

  /** @param {FileList | null | undefined} files */
  async #open(files) {
    const file = files?.[0];
    if (!file) return;
    const { onOpen, overlay, stage, state } = this.#parts;
    this.close();
    onOpen();
    const asking = (this.#asking = new AbortController());
    try {
      const photo = await prepare(file);
      if (asking.signal.aborted) return;
      const address = URL.createObjectURL(photo.blob);
      this.#shown = { ...photo, address };
      overlay.fit(photo.width, photo.height);
      overlay.clear();
      state.phase = "idle";
      stage.showPhoto(address);
      this.#parts.onChange();
      await this.again();
    } catch (error) {
      if (!asking.signal.aborted) this.#fail(error, file.name);
    }
  }

  /**
   * @param {unknown} error
   * @param {string} name
   */
  #fail(error, name) {
    const { overlay, stage, state } = this.#parts;
    const { problem, message } = error instanceof PhotoError ? error : new PhotoError("refused", String(error));
    this.close();
    overlay.clear();
    stage.hidePhoto();
    stage.chip(null);
    stage.show({ path: `photo.${problem}`, values: { name, message } });
    state.phase = "error";
  }

  /** @param {HTMLElement} stage */
  #takeDrops(stage) {
    for (const type of ["dragenter", "dragover"]) {
      document.addEventListener(type, (event) => {
        event.preventDefault(); // else the browser leaves the page for the file
        stage.classList.add("dropping");
      });
    }
    document.addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) stage.classList.remove("dropping");
    });
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      stage.classList.remove("dropping");
      this.#open(event.dataTransfer?.files);
    });
  }
}
