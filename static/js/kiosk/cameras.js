/** Which camera to try: the one that was asked for, then each of the others in turn. */

export class Cameras {
  #camera;
  #wanted;
  #attempt = 0;
  #blind = false;

  /**
   * @param {import("../camera.js").Camera} camera
   * @param {string} wanted its id or part of its name; empty for the default one
   */
  constructor(camera, wanted) {
    this.#camera = camera;
    this.#wanted = wanted;
  }

  /** Chooses the camera for the next start. */
  async next() {
    const all = await this.#list();
    this.#blind = this.#wanted !== "" && all.every(({ label }) => label === "");
    const first = this.#find(all);
    const order = first ? [first, ...all.filter((each) => each !== first)] : all;
    // Without a wish the browser's own default comes first, and no id at all stands for it.
    const choices = first ? order.map(({ deviceId }) => deviceId) : ["", ...order.map(({ deviceId }) => deviceId)];
    this.#camera.choose(choices[this.#attempt % choices.length] ?? "");
    this.#attempt += 1;
  }

  /** The next start begins with the first again. */
  again() {
    this.#attempt = 0;
  }

  /** Whether the last choice was made before cameras had names, which they have once they may be used. */
  get choseBlindly() {
    return this.#blind;
  }

  /** Whether another camera runs than the one asked for, which is there. */
  async betterIsThere() {
    const wanted = this.#find(await this.#list());
    return wanted !== undefined && wanted.deviceId !== this.#camera.deviceId;
  }

  async #list() {
    const all = await this.#camera.list().catch(() => /** @type {MediaDeviceInfo[]} */ ([]));
    return all.filter(({ deviceId }) => deviceId !== "");
  }

  /** @param {readonly MediaDeviceInfo[]} all */
  #find(all) {
    const wish = this.#wanted.toLowerCase();
    if (!wish) return undefined;
    const exact = all.find(({ deviceId }) => deviceId.toLowerCase() === wish);
    return exact ?? all.find(({ label }) => label.toLowerCase().includes(wish));
  }
}
