/** A link to hand out: its address to copy, its QR code, and whether others can open it at all. */
import { find } from "./dom.js";
import { fill, fillWords } from "./words.js";

/** Milliseconds for which the button says that it worked. */
const SAID = 2_000;

/** Names of the computer itself. */
const LOCAL = /^(localhost|127(\.\d+){3}|\[::1\])$/;

export class Link {
  #address;
  #image;

  /** @param {HTMLElement} root takes the link's parts */
  constructor(root) {
    root.append(find("#link-template", HTMLTemplateElement).content.cloneNode(true));
    fillWords(root);
    this.#address = find("input", HTMLInputElement, root);
    this.#address.addEventListener("focus", () => this.#address.select());
    const button = find("[data-copy]", HTMLButtonElement, root);
    button.addEventListener("click", async () => {
      if (await this.#copy()) confirm(button);
    });
    /** What else is said of the link goes here. */
    this.beside = find(".beside", HTMLElement, root);
    this.#image = find("img", HTMLImageElement, root);
  }

  /** @param {string} url whole, of this server */
  set url(url) {
    if (this.#address.value === url) return;
    const { hostname, pathname } = new URL(url);
    this.#address.value = url;
    this.#image.src = `/api/v1/qr.svg?${new URLSearchParams({ path: pathname })}`;
    find("#share-local", HTMLElement).hidden = !LOCAL.test(hostname); // said once for all links
  }

  /** @returns {Promise<boolean>} whether it is on the clipboard */
  async #copy() {
    this.#address.select();
    try {
      await navigator.clipboard.writeText(this.#address.value);
      return true;
    } catch {
      return document.execCommand("copy"); // no clipboard on insecure pages, or none allowed
    }
  }
}

/** @param {HTMLButtonElement} button */
function confirm(button) {
  const text = find("span", HTMLElement, button);
  fill(text, "share.link.copied");
  setTimeout(() => fill(text, "share.link.copy"), SAID);
}
