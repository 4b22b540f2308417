/**
 * The links by which guests use this MaskGate with their own camera: made, shown and ended over REST. The part of the
 * panel stays hidden where the server offers none of it to who asks.
 *
 * @typedef {{id: string, url: string, expires_at: string, live: number}} Guest
 */
import { find } from "./dom.js";
import { Link } from "./link.js";
import { fill, fillWords, lookUp } from "./words.js";

const ADDRESS = "/api/v1/guests";

/** Milliseconds between two looks at who is there, while the panel is open. */
const LOOK_EVERY = 3_000;
const PATIENCE = 8_000;

/** Statuses by which the server says that guests are none of the asker's business. */
const NOT_OFFERED = [401, 403, 404];

export class Guests {
  #root;
  #list;
  #trouble;
  #timer = 0;
  /** @type {Map<string, {item: HTMLElement, until: HTMLElement, live: HTMLElement}>} by the link's id */
  #shown = new Map();

  /** @param {HTMLElement} root the panel's part */
  constructor(root) {
    this.#root = root;
    this.#list = find("ul", HTMLUListElement, root);
    this.#trouble = find("#guest-trouble", HTMLElement, root);
    find("[data-action=invite]", HTMLButtonElement, root).addEventListener("click", () => this.#invite());
  }

  /** Asks now and then, until `rest()`, which links there are. */
  async look() {
    clearTimeout(this.#timer);
    const looking = (this.#timer = setTimeout(() => this.look(), LOOK_EVERY));
    const { status, body } = await ask("GET", ADDRESS);
    if (NOT_OFFERED.includes(status)) {
      this.#root.hidden = true;
      if (looking === this.#timer) this.rest();
    } else if (status === 200) {
      this.#root.hidden = false;
      this.#show(body);
    }
  }

  rest() {
    clearTimeout(this.#timer);
  }

  async #invite() {
    const { status, body } = await ask("POST", ADDRESS);
    this.#complain(status === 201 ? null : body?.error);
    await this.look();
    if (status === 201) this.#shown.get(body.id)?.item.scrollIntoView({ block: "nearest" });
  }

  /** @param {string} id */
  async #revoke(id) {
    const { status, body } = await ask("DELETE", `${ADDRESS}/${encodeURIComponent(id)}`);
    this.#complain(status === 204 || status === 404 ? null : body?.error);
    this.look();
  }

  /** @param {Guest[]} guests */
  #show(guests) {
    for (const [id, { item }] of this.#shown) {
      if (guests.some((guest) => guest.id === id)) continue;
      const focused = item.contains(document.activeElement);
      item.remove();
      this.#shown.delete(id);
      if (focused) find("[data-action=invite]", HTMLButtonElement, this.#root).focus();
    }
    for (const guest of guests) {
      const { until, live } = this.#shown.get(guest.id) ?? this.#add(guest);
      fill(until, "share.guests.until", { time: clock(guest.expires_at) });
      if (guest.live === 0) fill(live, "share.guests.nobody");
      else fill(live, "share.guests.live", { count: guest.live });
    }
  }

  /** @param {Guest} guest */
  #add({ id, url }) {
    const item = document.createElement("li");
    const [link, until, live] = [document.createElement("div"), document.createElement("p"), document.createElement("p")];
    link.className = "link";
    until.className = "quiet";
    const revoke = document.createElement("button");
    revoke.type = "button";
    revoke.className = "control framed";
    revoke.dataset.action = "revoke";
    revoke.dataset.word = "share.guests.revoke";
    revoke.addEventListener("click", () => this.#revoke(id));
    const parts = new Link(link);
    parts.url = url;
    parts.beside.append(until, live, revoke);
    item.append(link);
    fillWords(item);
    this.#list.append(item);
    const shown = { item, until, live };
    this.#shown.set(id, shown);
    return shown;
  }

  /** @param {{code: string, message: string} | null | undefined} problem undefined where the server was not reached */
  #complain(problem) {
    this.#trouble.hidden = problem === null;
    if (problem === null) return;
    const paths = [`share.guests.${problem?.code}`, `share.trouble.${problem?.code ?? "unreachable"}`];
    const path = paths.find((candidate) => lookUp(candidate) !== null) ?? "share.trouble.refused";
    fill(this.#trouble, path, { message: problem?.message ?? "" });
  }
}

/**
 * @param {string} method
 * @param {string} address
 * @returns {Promise<{status: number, body: any}>} status 0 where the server was not reached
 */
async function ask(method, address) {
  try {
    const answer = await fetch(address, { method, signal: AbortSignal.timeout(PATIENCE) });
    return { status: answer.status, body: await answer.json().catch(() => null) };
  } catch {
    return { status: 0, body: null };
  }
}

/**
 * @param {string} time as ISO 8601
 * @returns {string} the time of day, and the day where it is another
 */
function clock(time) {
  const at = new Date(time);
  const today = at.toDateString() === new Date().toDateString();
  return at.toLocaleString(document.documentElement.lang, today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" });
}
