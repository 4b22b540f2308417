/** The kiosk's settings: behind five taps in a corner, and behind the PIN where the server has one. */
import { find } from "../dom.js";
import { word } from "../words.js";

const TAPS = 5;
/** Milliseconds within which they must fall. */
const WITHIN = 4_000;
/** Share of the screen's shorter side that is a corner. */
const CORNER = 0.18;
/** Milliseconds without a touch after which the settings close: nobody leaves them open at a door. */
const LEFT_ALONE = 90_000;
const PATIENCE = 5_000;

export class Settings {
  #dialog = find("#settings", HTMLDialogElement);
  #pin = find("#pin", HTMLFormElement);
  #form = find("#options", HTMLFormElement);
  #note = find("#pin-note", HTMLElement);
  #parts;
  /** @type {{at: number, corner: string}[]} */
  #taps = [];
  #timer = 0;

  /**
   * @param {object} parts
   * @param {boolean} parts.asksPin
   * @param {import("./options.js").Options} parts.options
   * @param {() => Promise<MediaDeviceInfo[]>} parts.cameras
   * @param {() => Readonly<import("./counts.js").Numbers>} parts.today
   * @param {() => boolean} parts.hasVoice whether the browser could speak by itself
   * @param {(tune: import("./options.js").Tune) => void} parts.onListen
   * @param {(changed: Record<string, string>) => void} parts.onSave
   */
  constructor(parts) {
    this.#parts = parts;
    document.addEventListener("click", (event) => this.#tapped(event));
    for (const name of ["pointerdown", "keydown", "input"]) this.#dialog.addEventListener(name, () => this.#stay());
    this.#dialog.addEventListener("close", () => this.#closed());
    this.#pin.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#try();
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    this.#dialog.addEventListener("click", ({ target }) => {
      const button = target instanceof Element ? target.closest("button[data-action]") : null;
      if (button instanceof HTMLButtonElement) this.#press(button);
    });
  }

  get open() {
    return this.#dialog.open;
  }

  /** @param {MouseEvent} event */
  #tapped({ clientX, clientY }) {
    if (this.open) return;
    const corner = cornerOf(clientX, clientY);
    const now = performance.now();
    this.#taps = this.#taps.filter((tap) => tap.corner === corner && now - tap.at < WITHIN);
    if (!corner) return;
    this.#taps.push({ at: now, corner });
    if (this.#taps.length < TAPS) return;
    this.#taps = [];
    this.#show(this.#parts.asksPin ? this.#pin : this.#form);
  }

  /** @param {HTMLFormElement} form */
  #show(form) {
    this.#pin.hidden = form !== this.#pin;
    this.#form.hidden = form !== this.#form;
    this.#note.textContent = word("kiosk.settings.pinHelp");
    if (form === this.#form) this.#fill();
    if (!this.open) this.#dialog.showModal();
    this.#stay();
    find("input, select", HTMLElement, form).focus();
  }

  #closed() {
    clearTimeout(this.#timer);
    this.#pin.reset();
  }

  #stay() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#dialog.close(), LEFT_ALONE);
  }

  /** @param {HTMLButtonElement} button */
  #press({ dataset: { action }, value }) {
    const pin = find("[name=pin]", HTMLInputElement);
    if (action === "close") this.#dialog.close();
    else if (action === "digit" && pin.value.length < pin.maxLength) pin.value += value;
    else if (action === "delete") pin.value = pin.value.slice(0, -1);
    else if (action === "listen") this.#parts.onListen(/** @type {import("./options.js").Tune} */ (this.#select("chime").value));
    else if (action === "fullscreen") toggleFullscreen();
  }

  async #try() {
    const pin = find("[name=pin]", HTMLInputElement);
    const status = await ask(pin.value);
    pin.value = "";
    if (status === 204) return this.#show(this.#form);
    const why = { 0: "pinAway", 403: "pinWrong", 429: "pinOften" }[status] ?? "pinAway";
    this.#note.textContent = word(`kiosk.settings.${why}`);
  }

  #fill() {
    const { options, today, hasVoice } = this.#parts;
    for (const name of /** @type {const} */ (["policy", "chime", "rotate"])) this.#select(name).value = `${options[name]}`;
    this.#select("lang").value = document.documentElement.lang;
    this.#input("stream").value = options.stream;
    this.#input("min_face").value = String(Math.round(100 * options.min_face));
    this.#input("voice").checked = options.voice;
    find("#voice-note", HTMLElement).hidden = hasVoice();
    for (const [label, number] of Object.entries(today())) {
      find(`[data-count=${label}]`, HTMLElement).textContent = new Intl.NumberFormat(document.documentElement.lang).format(number);
    }
    this.#fillCameras();
  }

  async #fillCameras() {
    const select = this.#select("camera");
    const { camera } = this.#parts.options;
    const found = (await this.#parts.cameras()).filter(({ label }) => label !== "");
    const lower = camera.toLowerCase();
    const chosen = found.find(({ label, deviceId }) => deviceId === camera || (lower && label.toLowerCase().includes(lower)));
    const names = found.map(({ label }) => new Option(label, label));
    // One that is away today is still the one that was asked for.
    if (camera && !chosen) names.push(new Option(camera, camera));
    select.replaceChildren(new Option(word("kiosk.settings.anyCamera"), ""), ...names);
    select.value = chosen ? chosen.label : camera;
  }

  #save() {
    const { options } = this.#parts;
    /** @type {Record<string, string>} */
    const wanted = {
      camera: this.#select("camera").value,
      lang: this.#select("lang").value,
      stream: this.#input("stream").value.trim(),
      voice: this.#input("voice").checked ? "1" : "0",
      chime: this.#select("chime").value,
      policy: this.#select("policy").value,
      rotate: this.#select("rotate").value,
      min_face: String(Number(this.#input("min_face").value) / 100),
    };
    /** @type {Record<string, string>} */
    const before = {
      ...options,
      lang: document.documentElement.lang,
      voice: options.voice ? "1" : "0",
      rotate: `${options.rotate}`,
      min_face: `${options.min_face}`,
    };
    const changed = Object.entries(wanted).filter(([name, value]) => before[name] !== value);
    this.#dialog.close();
    if (changed.length > 0) this.#parts.onSave(Object.fromEntries(changed));
  }

  /** @param {string} name */
  #input(name) {
    return find(`input[name=${name}]`, HTMLInputElement, this.#form);
  }

  /** @param {string} name */
  #select(name) {
    return find(`select[name=${name}]`, HTMLSelectElement, this.#form);
  }
}

/**
 * @param {number} x
 * @param {number} y
 * @returns {string} which corner a tap fell in; empty for none
 */
function cornerOf(x, y) {
  const reach = CORNER * Math.min(innerWidth, innerHeight);
  const side = x < reach ? "left" : x > innerWidth - reach ? "right" : "";
  const edge = y < reach ? "top" : y > innerHeight - reach ? "bottom" : "";
  return side && edge && `${edge} ${side}`;
}

/**
 * @param {string} pin
 * @returns {Promise<number>} the server's status; 0 where it is away
 */
async function ask(pin) {
  try {
    const answer = await fetch("/kiosk/pin", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ pin }),
      signal: AbortSignal.timeout(PATIENCE),
    });
    return answer.status;
  } catch {
    return 0;
  }
}

export function toggleFullscreen() {
  const asked = document.fullscreenElement
    ? document.exitFullscreen()
    : document.documentElement.requestFullscreen?.({ navigationUI: "hide" });
  asked?.catch(() => {}); // the browser may refuse, and nothing is lost
}
