/** One photo on the stage with its answers. */
import { check, PhotoError, prepare } from "./photo.js";
import { reason, word } from "./words.js";

export class PhotoView {
  #parts;
  /** @type {{blob: Blob, address: string, width: number, height: number} | null} */
  #shown = null;
  /** @type {File | null} the one given last, until it is let go */
  #file = null;
  #asking = new AbortController();

  /**
   * @param {object} parts
   * @param {import("./overlay.js").Overlay} parts.overlay
   * @param {import("./stage.js").Stage} parts.stage
   * @param {import("./state.js").PageState} parts.state
   * @param {() => Promise<import("./transport.js").Choice>} parts.choice
   * @param {() => void} parts.onChange a photo came on the stage or left it
   */
  constructor(parts) {
    this.#parts = parts;
  }

  /** Whether a photo is on the stage. */
  get shown() {
    return this.#shown !== null;
  }

  /** @param {File} file */
  async open(file) {
    const { overlay, stage, state } = this.#parts;
    this.#file = file;
    const asking = (this.#asking = new AbortController());
    stage.chip(word("stage.checking"));
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
      if (!asking.signal.aborted) this.#fail(error);
    }
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
      const { faces } = await check(photo.blob, await choice(), asking.signal);
      if (asking.signal.aborted) return;
      overlay.fit(photo.width, photo.height);
      overlay.show(faces, null);
      stage.chip(null);
    } catch (error) {
      if (!asking.signal.aborted) this.#fail(error);
    }
  }

  /** Lets go of the photo, on the stage or on its way there. */
  close() {
    this.#file = null;
    this.#leave();
  }

  /** Takes the photo off the stage. */
  #leave() {
    this.#asking.abort();
    if (this.#shown) URL.revokeObjectURL(this.#shown.address);
    this.#shown = null;
    this.#parts.onChange();
  }

  /** @param {unknown} error */
  #fail(error) {
    const { onChange, overlay, stage, state } = this.#parts;
    const failed = error instanceof PhotoError ? error : new PhotoError("refused", String(error));
    this.#leave();
    overlay.clear();
    stage.hidePhoto();
    stage.chip(null);
    stage.show({
      path: `photo.${failed.problem}`,
      values: { name: this.#file?.name ?? "", message: reason(failed) },
      action: failed.problem === "unreachable" ? "retry" : "photo",
    });
    state.phase = "error";
    onChange();
  }
}
