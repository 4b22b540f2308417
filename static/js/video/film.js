/** A film on the stage: looked at picture by picture, then played with its boxes over a time line. */
import { Capture } from "../capture.js";
import { find } from "../dom.js";
import { word } from "../words.js";
import { saveCsv, saveJson } from "./results.js";
import { Timeline } from "./timeline.js";
import { clock, STEP } from "./times.js";
import { Tracks } from "./tracks.js";
import { FilmError, load, walk } from "./walk.js";

/** Seconds; the words say so. */
const LONGEST = 600;

export class Film {
  #parts;
  #video = find("#film-video", HTMLVideoElement);
  #root = find("#film", HTMLElement);
  #seek = find("#film-seek", HTMLInputElement);
  #time = find("#film-time", HTMLElement);
  #note = find("#film-note", HTMLElement);
  #stop = find("#film-stop", HTMLButtonElement);
  #play = find("#film-play", HTMLButtonElement);
  #icon = find("use", SVGUseElement, this.#play);
  #timeline = new Timeline((time) => this.#goTo(time));
  #tracks = new Tracks();
  /** @type {Capture | null} */
  #capture = null;
  /** @type {File | null} */
  #file = null;
  #address = "";
  #looking = new AbortController();
  #running = false;
  /** @type {{model?: string, detector?: string}} in force while it was looked at */
  #choice = {};
  /** @type {readonly import("../messages.js").Face[] | null} */
  #drawn = null;

  /**
   * @param {object} parts
   * @param {import("../overlay.js").Overlay} parts.overlay
   * @param {import("../stage.js").Stage} parts.stage
   * @param {import("../state.js").PageState} parts.state
   * @param {import("../transport.js").Transport} parts.filmTransport a stream of the film's own, timed by its frames
   * @param {() => void} parts.onChange a film came on the stage or left it
   */
  constructor(parts) {
    this.#parts = parts;
    this.#seek.addEventListener("input", () => this.#goTo(this.#seek.valueAsNumber));
    for (const type of ["play", "pause", "ended", "seeked"]) {
      this.#video.addEventListener(type, () => this.#showTime());
    }
    this.#video.addEventListener("play", () => requestAnimationFrame(() => this.#follow()));
  }

  /**
   * What its buttons do.
   * @returns {Record<string, () => void>}
   */
  get verbs() {
    return {
      "film-play": () => (this.#video.paused ? this.#video.play() : this.#video.pause()),
      "film-stop": () => this.#looking.abort(),
      "film-again": () => this.again(),
      "film-csv": () => saveCsv(this.#about, this.#tracks.all),
      "film-json": () => saveJson(this.#about, this.#tracks.all),
    };
  }

  /** Whether a film is on the stage. */
  get shown() {
    return !this.#root.hidden;
  }

  /** @returns {import("./results.js").About} */
  get #about() {
    const duration = Number(this.#video.duration.toFixed(1));
    const looked_at = Math.min(duration, Number(this.#tracks.length.toFixed(1)));
    return { film: this.#file?.name ?? "", duration, looked_at, ...this.#choice };
  }

  /** @param {File} file */
  async open(file) {
    const { onChange, overlay, stage, state } = this.#parts;
    this.close();
    this.#file = file;
    this.#address = URL.createObjectURL(file);
    stage.chip(word("video.opening"));
    try {
      await load(this.#video, this.#address);
      if (this.#file !== file) return;
      if (this.#video.duration > LONGEST) throw new FilmError("long", clock(this.#video.duration));
    } catch (error) {
      if (this.#file === file) this.#fail(error);
      return;
    }
    stage.chip(null);
    state.phase = "idle";
    stage.showView("film");
    this.#video.hidden = false;
    this.#root.hidden = false;
    overlay.fit(this.#video.videoWidth, this.#video.videoHeight);
    onChange();
    await this.again();
  }

  /** Looks at the film from its beginning, also once more, as after another model was chosen. */
  async again() {
    const { filmTransport: transport, stage, state } = this.#parts;
    this.#looking.abort();
    const { signal } = (this.#looking = new AbortController());
    this.#tracks = new Tracks();
    this.#choice = {};
    this.#drawn = null;
    this.#video.pause();
    this.#timeline.clear(this.#video.duration);
    this.#seek.max = String(this.#video.duration);
    this.#run(true);
    this.#note.textContent = "";
    transport.close(); // so that tracks begin anew
    transport.open();
    let note = "video.done";
    let message = "";
    try {
      await walk({
        video: this.#video,
        capture: (this.#capture ??= new Capture(this.#video)),
        transport,
        signal,
        onStep: (step) => {
          state.countFrame();
          stage.chip(null);
          this.#choice = { model: step.result.model, detector: step.result.detector };
          const faces = this.#tracks.add(step);
          for (const track of this.#tracks.of(faces)) this.#timeline.show(track);
          this.#draw(faces);
          this.#showTime();
        },
        onWait: (said) => {
          stage.chip(said === null ? word("video.away") : word("video.waits", { message: said }));
        },
      });
      if (signal.aborted) note = "video.stopped";
    } catch (error) {
      const { problem, message: said } = error instanceof FilmError ? error : new FilmError("damaged", String(error));
      note = problem === "refused" ? "video.refusedHere" : "video.damaged";
      message = said;
    }
    if (this.#looking.signal !== signal) return; // looked at anew, or gone
    transport.close();
    stage.chip(null);
    this.#run(false);
    this.#note.textContent = word(note, { time: clock(this.#about.looked_at), message });
  }

  /** Lets go of the film. */
  close() {
    this.#looking.abort();
    this.#looking = new AbortController();
    this.#file = null;
    if (!this.#address) return;
    this.#parts.filmTransport.close();
    URL.revokeObjectURL(this.#address);
    this.#address = "";
    this.#video.removeAttribute("src");
    this.#video.load();
    this.#video.hidden = true;
    this.#tracks = new Tracks();
    if (!this.shown) return;
    this.#root.hidden = true;
    this.#parts.stage.hidePhoto();
    this.#parts.onChange();
  }

  /** @param {unknown} error */
  #fail(error) {
    const { onChange, overlay, stage, state } = this.#parts;
    const { problem, message } = error instanceof FilmError ? error : new FilmError("unreadable", String(error));
    const name = this.#file?.name ?? "";
    this.close();
    overlay.clear();
    stage.chip(null);
    stage.show({ path: `video.${problem}`, values: { name, message, minutes: LONGEST / 60 }, action: "photo" });
    state.phase = "error";
    onChange();
  }

  /** @param {boolean} running whether it is being looked at; else it can be played */
  #run(running) {
    this.#running = running;
    this.#root.setAttribute("aria-busy", String(running));
    this.#seek.disabled = running;
    this.#play.disabled = running;
    this.#stop.dataset.action = running ? "film-stop" : "film-again";
    this.#stop.textContent = word(running ? "video.stop" : "video.again");
    this.#showTime();
  }

  /** @param {number} time seconds */
  #goTo(time) {
    if (this.#running) return;
    // Inside the step, not on its edge.
    this.#video.currentTime = Math.min(time + STEP / 2, this.#video.duration);
    this.#showTime();
  }

  /** Draws the moment's boxes while the film plays. */
  #follow() {
    if (this.#video.paused || !this.shown) return;
    this.#showTime();
    requestAnimationFrame(() => this.#follow());
  }

  #showTime() {
    const { currentTime, duration, paused } = this.#video;
    if (!this.shown || !Number.isFinite(duration)) return;
    if (!this.#running) this.#draw(this.#tracks.at(currentTime));
    if (document.activeElement !== this.#seek || !paused || this.#running) this.#seek.value = String(currentTime);
    this.#root.style.setProperty("--now", String(currentTime / duration));
    const values = { time: clock(currentTime), duration: clock(duration) };
    this.#time.textContent = word(this.#running ? "video.looking" : "video.time", values);
    this.#seek.setAttribute("aria-valuetext", word("video.time", values));
    const verb = paused ? "start" : "pause";
    this.#icon.setAttribute("href", (this.#icon.getAttribute("href") ?? "").replace(/#.*/, `#${verb}`));
    this.#play.setAttribute("aria-label", word(`video.${paused ? "play" : "pause"}`));
    this.#play.title = word(`video.${paused ? "play" : "pause"}`);
  }

  /** @param {readonly import("../messages.js").Face[]} faces */
  #draw(faces) {
    if (faces === this.#drawn) return;
    this.#drawn = faces;
    this.#parts.overlay.show(faces, null);
  }
}
