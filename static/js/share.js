/** The panel for links: sharing this camera's answers with viewers, and beside it the guests' links. */
import { listen } from "./dock.js";
import { find } from "./dom.js";
import { Guests } from "./guests.js";
import { Link } from "./link.js";
import { Sharing } from "./sharing.js";
import { fill, lookUp, number, word } from "./words.js";

/** Phases of the page in which pictures are sent. */
const SENDING = ["connecting", "live", "stalled"];

export class SharePanel {
  #dialog = find("#share", HTMLDialogElement);
  #button = find("[data-action=share]", HTMLButtonElement);
  #count = find("#share-count", HTMLElement);
  #on = find("#share-on", HTMLElement);
  #off = find("#share-off", HTMLElement);
  #viewers = find("#share-viewers", HTMLElement);
  #trouble = find("#share-trouble", HTMLElement);
  #name = find("#share-name", HTMLInputElement);
  #picture = find("#share-picture", HTMLInputElement);
  #link = new Link(find("#share-link", HTMLElement));
  #guests = new Guests(find("#guests", HTMLElement));
  #memory;
  #transport;
  #sharing;

  /**
   * @param {object} parts
   * @param {import("./transport.js").Transport} parts.transport
   * @param {import("./state.js").PageState} parts.state
   * @param {import("./memory.js").Memory} parts.memory
   */
  constructor({ transport, state, memory }) {
    this.#memory = memory;
    this.#transport = transport;
    this.#sharing = new Sharing({
      transport,
      onChange: () => this.#show(),
      onTrouble: (code, message) => this.#complain(code, message),
    });
    const pause = () => {
      this.#sharing.paused = document.hidden || !SENDING.includes(state.phase);
    };
    state.onPhase(pause);
    document.addEventListener("visibilitychange", pause);
    listen({
      "share-close": () => this.#dialog.close(),
      "share-again": () => this.#begin(),
      unshare: () => this.#end(),
    });
    this.#dialog.addEventListener("click", ({ target }) => {
      if (target === this.#dialog) this.#dialog.close(); // beside the panel
    });
    this.#dialog.addEventListener("close", () => this.#guests.rest());
    this.#name.addEventListener("change", () => {
      memory.set("shareName", this.#name.value);
      this.#sharing.change({ name: this.#name.value });
    });
    this.#picture.addEventListener("change", () => this.#sharing.change({ picture: this.#picture.checked }));
    pause();
    this.#show();
  }

  /** Opens the panel, and begins to share where nothing is shared yet. */
  open() {
    this.#dialog.showModal();
    this.#guests.look();
    this.#begin();
  }

  #begin() {
    if (this.#sharing.on) return;
    this.#complain(null);
    const name = this.#memory.get("shareName");
    // Without the picture each time anew: who shares it has said so.
    this.#sharing.begin({ picture: false, ...(name ? { name } : {}) });
  }

  #end() {
    this.#sharing.end();
    find("button", HTMLButtonElement, this.#off).focus();
  }

  #show() {
    const { on, shared } = this.#sharing;
    this.#on.hidden = !on;
    this.#off.hidden = on;
    find("#share-link", HTMLElement).hidden = !shared;
    if (shared) {
      this.#complain(null);
      this.#link.url = shared.url;
      if (document.activeElement !== this.#name) this.#name.value = shared.name;
      this.#picture.checked = shared.picture;
    }
    const viewers = shared?.viewers ?? 0;
    if (!shared) fill(this.#viewers, "share.watch.connecting");
    else if (!this.#transport.linked) fill(this.#viewers, "share.watch.lost");
    else if (viewers === 0) fill(this.#viewers, "share.watch.nobody");
    else fill(this.#viewers, "share.watch.viewers", { count: viewers });
    this.#count.hidden = !on;
    this.#count.textContent = number(viewers);
    this.#button.setAttribute("aria-pressed", String(on));
    this.#button.dataset.wordLabel = on ? "share.buttonOn" : "share.button";
    this.#button.dataset.viewers = String(viewers);
    const name = word(this.#button.dataset.wordLabel, { viewers });
    this.#button.setAttribute("aria-label", name);
    this.#button.title = name;
  }

  /**
   * @param {string | null} code why nothing is shared, null for no trouble
   * @param {string} [message] the server's own words
   */
  #complain(code, message = "") {
    this.#trouble.hidden = code === null;
    const known = code !== null && lookUp(`share.trouble.${code}`) !== null;
    fill(this.#trouble, code === null ? null : `share.trouble.${known ? code : "refused"}`, { message });
    if (code !== null && !this.#dialog.open) this.#dialog.showModal(); // who shares must hear that it ended
  }
}
