/** What people give the page instead of the camera, chosen, dropped or pasted: a photo, several, or a film. */
import { listen } from "./dock.js";
import { find } from "./dom.js";
import { PhotoView } from "./photo-view.js";

/** What a film's name ends with where the system does not know its type. */
const FILM = /\.(mp4|m4v|mov|webm|ogv|mkv|avi|mpe?g)$/i;

export class Photos {
  #parts;
  #input = find("#photo-input", HTMLInputElement);
  #photo;
  // Of what few visitors use, the scripts come when it is first wanted.
  /** @type {import("./gallery/gallery.js").Gallery | null} */
  #gallery = null;
  /** @type {import("./video/film.js").Film | null} */
  #film = null;
  /** @type {File[]} given last */
  #given = [];

  /**
   * @param {object} parts
   * @param {import("./overlay.js").Overlay} parts.overlay
   * @param {import("./stage.js").Stage} parts.stage
   * @param {import("./state.js").PageState} parts.state
   * @param {() => Promise<import("./transport.js").Choice>} parts.choice
   * @param {import("./transport.js").Transport} parts.filmTransport
   * @param {() => void} parts.onOpen before anything given takes the stage
   * @param {() => void} parts.onChange something came on the stage or left it
   */
  constructor(parts) {
    this.#parts = parts;
    this.#photo = new PhotoView(parts);
    this.#input.addEventListener("change", () => {
      this.#take([...(this.#input.files ?? [])]);
      this.#input.value = ""; // so that the same photo can be chosen again
    });
    document.addEventListener("paste", (event) => this.#take([...(event.clipboardData?.files ?? [])]));
    this.#takeDrops(find("#stage", HTMLElement));
  }

  /** Whether something given is on the stage. */
  get shown() {
    return Boolean(this.#photo.shown || this.#gallery?.shown || this.#film?.shown);
  }

  /** Where the words are that say what is on the stage; null where it is the camera's. */
  get path() {
    if (this.#gallery?.shown) return "gallery.state";
    if (this.#film?.shown) return "video.state";
    return this.#photo.shown ? "state.photo" : null;
  }

  /** All faces of the pictures shown side by side; null where one picture alone is shown. */
  get faces() {
    return this.#gallery?.faces ?? null;
  }

  /** Lets the person pick. */
  choose() {
    this.#input.click();
  }

  /** Tries what was given last once more, as after the server was away. */
  retry() {
    this.#take([...this.#given]);
  }

  /** Asks about all that is shown once more, as after another model was chosen. */
  again() {
    if (this.#gallery?.shown) this.#gallery.again();
    else if (this.#film?.shown) this.#film.again();
    else this.#photo.again();
  }

  /** Lets go of all that was given. */
  close() {
    this.#given = [];
    this.#photo.close();
    this.#gallery?.close();
    this.#film?.close();
  }

  /** @param {File[]} files */
  async #take(files) {
    const [first] = files;
    if (!first) return;
    this.close();
    this.#parts.onOpen();
    this.#given = files;
    const films = files.filter(isFilm);
    const film = films.length === files.length;
    if (files.length === 1 && !film) return this.#photo.open(first);
    try {
      if (film) await this.#loadFilm();
      else await this.#loadGallery();
      if (this.#given !== files) return;
      if (film) this.#film?.open(first, files.length);
      else this.#gallery?.open(files, films);
    } catch {
      const { stage, state } = this.#parts;
      stage.show({ path: "photo.unreachable", values: { name: first.name }, action: "retry" });
      state.phase = "error";
    }
  }

  async #loadGallery() {
    const { Gallery } = await import("./gallery/gallery.js");
    if (!this.#gallery) listen((this.#gallery = new Gallery(this.#parts)).verbs);
  }

  async #loadFilm() {
    const { Film } = await import("./video/film.js");
    if (!this.#film) listen((this.#film = new Film(this.#parts)).verbs);
  }

  /** @param {HTMLElement} stage */
  #takeDrops(stage) {
    for (const type of /** @type {const} */ (["dragenter", "dragover"])) {
      document.addEventListener(type, (event) => {
        event.preventDefault(); // else the browser leaves the page for the file
        if (event.dataTransfer?.types.includes("Files")) stage.classList.add("dropping");
      });
    }
    document.addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) stage.classList.remove("dropping");
    });
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      stage.classList.remove("dropping");
      this.#take([...(event.dataTransfer?.files ?? [])]);
    });
  }
}

/** @param {File} file */
function isFilm(file) {
  return file.type ? file.type.startsWith("video/") : FILM.test(file.name);
}
