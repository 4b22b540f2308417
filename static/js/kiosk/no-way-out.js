/** What a hand does by accident on a screen at a door leads nowhere. Keys stay as they are, except those that leave. */

const NEVER = ["contextmenu", "dragstart", "dragover", "drop", "gesturestart", "gesturechange", "auxclick"];
const BACK_AND_FORTH = ["ArrowLeft", "ArrowRight", "Home"];
const BROWSER_KEYS = ["BrowserBack", "BrowserForward", "BrowserHome", "BrowserSearch", "BrowserFavorites", "LaunchMail"];
/** Buttons of a mouse that browsers take for back and forward. */
const SIDE_BUTTONS = [3, 4];

/** @param {Document} page */
export function closeWaysOut(page) {
  const stop = (/** @type {Event} */ event) => event.preventDefault();
  for (const name of NEVER) page.addEventListener(name, stop);
  // Fingers and trackpads zoom by a wheel with the control key, which only an active listener can stop.
  page.addEventListener("wheel", (event) => event.ctrlKey && stop(event), { passive: false });
  page.addEventListener("touchmove", (event) => event.touches.length > 1 && stop(event), { passive: false });
  for (const name of /** @type {const} */ (["mousedown", "mouseup"])) {
    page.addEventListener(name, (event) => SIDE_BUTTONS.includes(event.button) && stop(event));
  }
  page.addEventListener("keydown", (event) => {
    const leaves = BROWSER_KEYS.includes(event.key) || (event.altKey && BACK_AND_FORTH.includes(event.key));
    if (leaves) stop(event);
  });
}
