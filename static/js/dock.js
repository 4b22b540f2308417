/** The dock: buttons act by their `data-action`; the camera picker lists what is plugged in. */
import { find } from "./dom.js";
import { fillWords, onLanguage, word } from "./words.js";

/**
 * Calls the verb that a button names, wherever the button stands.
 * @param {Record<string, () => void>} verbs
 */
export function listen(verbs) {
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button[data-action]") : null;
    const verb = button instanceof HTMLElement ? verbs[button.dataset.action ?? ""] : undefined;
    verb?.();
  });
}

/**
 * @param {HTMLElement} control
 * @param {string} name of its new icon
 */
export function showIcon(control, name) {
  const use = find("use", SVGUseElement, control);
  use.setAttribute("href", `${(use.getAttribute("href") ?? "").replace(/#.*/, "")}#${name}`);
}

/** The dock's first button: pauses the camera, or starts it where the stage's own button leads elsewhere. */
export class RunButton {
  #button = find("[data-action=pause]", HTMLButtonElement);
  #word = find("span", HTMLElement, this.#button);

  /**
   * @param {"pause" | "start"} verb
   * @param {boolean} usable
   */
  show(verb, usable) {
    this.#button.disabled = !usable;
    if (this.#button.dataset.action === verb) return;
    this.#button.dataset.action = verb;
    this.#button.dataset.wordLabel = `dock.${verb}`;
    this.#word.dataset.word = `dock.${verb}`;
    fillWords(this.#button);
    showIcon(this.#button, verb);
  }
}

export class CameraPicker {
  #camera;
  #select = find("[data-action=camera]", HTMLSelectElement);

  /**
   * @param {import("./camera.js").Camera} camera
   * @param {() => void} onChoice another camera was chosen
   */
  constructor(camera, onChoice) {
    this.#camera = camera;
    this.#select.addEventListener("change", () => {
      camera.choose(this.#select.value);
      onChoice();
    });
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.refresh());
    onLanguage(() => this.refresh());
    this.refresh();
  }

  /** Lists the cameras anew; they have names once permission was given. */
  async refresh() {
    const cameras = (await this.#camera.list()).filter((device) => device.deviceId);
    const options = cameras.map(
      ({ deviceId, label }, index) => new Option(label || word("dock.namelessCamera", { number: index + 1 }), deviceId),
    );
    if (options.length === 0) options.push(new Option(word("dock.anyCamera"), ""));
    this.#select.replaceChildren(...options);
    const { deviceId } = this.#camera;
    const there = options.some((option) => option.value === deviceId);
    this.#select.value = there ? deviceId : (options[0]?.value ?? "");
    this.#select.disabled = options.length < 2;
  }
}
