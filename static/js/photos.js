/** What people give the page instead of the camera, chosen, dropped or pasted: a photo, several, or a film. */
import { find } from "./dom.js";
import { Gallery } from "./gallery/gallery.js";
import { PhotoView } from "./photo-view.js";
import { Film } from "./video/film.js";

/** What a film's name ends with where the system does not know its type. */
const FILM = /\.(mp4|m4v|mov|webm|ogv|mkv|avi|mpe?g)$/i;

export class Photos {
  #onOpen;
  #input = find("#photo-input", HTMLInputElement);
  #photo;
  #gallery;
  #film;

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
    this.#onOpen = parts.onOpen;
    this.#photo = new PhotoView(parts);
    this.#gallery = new Gallery(parts);
    this.#film = new Film(parts);
    this.#input.addEventListener("change", () => {
      this.#take([...(this.#input.files ?? [])]);
      this.#input.value = ""; // so that the same photo can be chosen again
    });
    document.addEventListener("paste", (event) => this.#take([...(event.clipboardData?.files ?? [])]));
    this.#takeDrops(find("#stage", HTMLElement));
  }

  /**
   * What the buttons do that belong to what was given.
   * @returns {Record<string, () => void>}
   */
  get verbs() {
    return { ...this.#gallery.verbs, ...this.#film.verbs };
  }

  /** Whether something given is on the stage. */
  get shown() {
    return this.#photo.shown || this.#gallery.shown || this.#film.shown;
  }

  /** Where the words are that say what is on the stage; null where it is the camera's. */
  get path() {
    if (this.#gallery.shown) return "gallery.state";
    if (this.#film.shown) return "video.state";
    return this.#photo.shown ? "state.photo" : null;
  }

  /** All faces of the pictures shown side by side; null where one picture alone is shown. */
  get faces() {
    return this.#gallery.faces;
  }

  /** Lets the person pick. */
  choose() {
    this.#input.click();
  }

  /** Tries the photo given last once more, as after the server was away. */
  retry() {
    if (this.#photo.file) this.#take([this.#photo.file]);
  }

  /** Asks about all that is shown once more, as after another model was chosen. */
  again() {
    if (this.#gallery.shown) this.#gallery.again();
    else if (this.#film.shown) this.#film.again();
    else this.#photo.again();
  }

  /** Lets go of all that was given. */
  close() {
    this.#photo.close();
    this.#gallery.close();
    this.#film.close();
  }

  /** @param {File[]} files */
  #take(files) {
    const [first] = files;
    if (!first) return;
    this.close();
    this.#onOpen();
    const film = files.find(isFilm);
    if (film && files.every(isFilm)) this.#film.open(film);
    else if (files.length > 1) this.#gallery.open(files);
    else this.#photo.open(first);
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
