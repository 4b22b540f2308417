/** Keys that do what the controls do, unless a field has the focus or somebody switched them off. */

/** Where a letter or the space bar already means something. */
const FIELDS = "input, select, textarea, [contenteditable], dialog";
const SPACE_PRESSES = `${FIELDS}, button, a, summary`;

/**
 * @param {Record<string, () => void>} keys by what `KeyboardEvent.key` says, in lower case
 * @param {() => boolean} on whether they are wanted
 */
export function listenToKeys(keys, on) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    const focused = event.target instanceof Element ? event.target : document.body;
    const key = event.key.toLowerCase();
    const act = keys[key];
    if (!act || !on() || focused.closest(key === " " ? SPACE_PRESSES : FIELDS)) return;
    event.preventDefault();
    act();
  });
}
