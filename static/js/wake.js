/** Tells when the page comes back from where time passed it by: the laptop slept, or the browser froze the page. */

const TICK = 1_000;

/** Milliseconds more than a tick that only a sleeping machine takes, as long as the page is seen. */
const JUMP = 5_000;

/**
 * @param {() => void} onWake
 */
export function onWake(onWake) {
  let last = Date.now();
  setInterval(() => {
    const slept = Date.now() - last > TICK + JUMP;
    last = Date.now();
    // Browsers let hidden pages tick once a minute; those are told when they are shown again.
    if (slept && !document.hidden) onWake();
  }, TICK);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && Date.now() - last > TICK + JUMP) onWake();
    last = Date.now();
  });
  document.addEventListener("resume", onWake);
  addEventListener("pageshow", (event) => {
    if (event.persisted) onWake();
  });
}
