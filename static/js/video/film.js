/** A film on the stage: looked at picture by picture, then played with its boxes over a time line. */
import { Capture } from "../capture.js";
import { find } from "../dom.js";
import { fill, onLanguage, reason, word } from "../words.js";
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
  /** How many films were given; one is looked at. */
  #given = 1;
  /** @type {(() => string) | null} the words on the stage's chip, in whatever language; null where there are none */
  #waiting = null;
  /** @type {(() => string) | null} those of the note on how the looking ended */
  #ended = null;

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
    onLanguage(() => this.#translate());
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

  /**
   * @param {File} file
   * @param {number} given how many films it is the first of
   */
  async open(file, given) {
    const { onChange, overlay, stage, state } = this.#parts;
    this.close();
    this.#file = file;
    this.#given = given;
    this.#address = URL.createObjectURL(file);
    this.#wait(() => word("video.opening"));
    try {
      await load(this.#video, this.#address);
      if (this.#file !== file) return;
      const minutes = Math.ceil(this.#video.duration / 6) / 10; // up, lest it seem no longer than it may be
      if (this.#video.duration > LONGEST) throw new FilmError("long", minutes.toFixed(1));
    } catch (error) {
      if (this.#file === file) this.#fail(error);
      return;
    }
    this.#wait(null);
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
    const { filmTransport: transport, state } = this.#parts;
    this.#looking.abort();
    const { signal } = (this.#looking = new AbortController());
    this.#tracks = new Tracks();
    this.#choice = {};
    this.#drawn = null;
    this.#video.pause();
    this.#timeline.clear(this.#video.duration);
    this.#seek.max = String(this.#video.duration);
    this.#run(true);
    this.#tell(null);
    transport.close(); // so that tracks begin anew
    transport.open();
    let note = "video.done";
    /** @type {{code?: string | undefined, message: string}} */
    let refused = { message: "" };
    try {
      await walk({
        video: this.#video,
        capture: (this.#capture ??= new Capture(this.#video)),
        transport,
        signal,
        onStep: (step) => {
          state.countFrame();
          this.#wait(null);
          this.#choice = { model: step.result.model, detector: step.result.detector };
          const faces = this.#tracks.add(step);
          for (const track of this.#tracks.of(faces)) this.#timeline.show(track);
          this.#draw(faces);
          this.#showTime();
        },
        onWait: (refusal) => {
          this.#wait(() => (refusal ? word("video.waits", { message: reason(refusal) }) : word("video.away")));
        },
      });
      if (signal.aborted) note = "video.stopped";
    } catch (error) {
      const failed = error instanceof FilmError ? error : new FilmError("damaged", String(error));
      note = failed.problem === "refused" ? "video.refusedHere" : "video.damaged";
      refused = failed;
    }
    if (this.#looking.signal !== signal) return; // looked at anew, or gone
    transport.close();
    this.#wait(null);
    this.#run(false);
    this.#tell(() => word(note, { time: clock(this.#about.looked_at), message: reason(refused) }));
  }

  /** Lets go of the film. */
  close() {
    this.#looking.abort();
    this.#looking = new AbortController();
    this.#file = null;
    this.#waiting = null; // the chip is another's now
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
    fill(this.#stop, running ? "video.stop" : "video.again");
    this.#showTime();
  }

  /** Says all that `fill` did not write in the words of another language. */
  #translate() {
    if (this.#waiting) this.#wait(this.#waiting);
    if (!this.shown) return;
    this.#tell(this.#ended);
    this.#timeline.showAnew(this.#tracks.all);
    this.#showTime();
  }

  /** @param {(() => string) | null} words on the stage's chip; null for none */
  #wait(words) {
    this.#waiting = words;
    this.#parts.stage.chip(words && words());
  }

  /** @param {(() => string) | null} words on how the looking ended; beside them stands what was left out */
  #tell(words) {
    this.#ended = words;
    const surplus = this.#given > 1 ? word("video.surplus", { given: this.#given }) : "";
    this.#note.textContent = [words?.() ?? "", surplus].filter(Boolean).join(" ");
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
