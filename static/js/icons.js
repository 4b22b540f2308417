/** The label icons as canvas paths, read from the same file that the page's HTML uses. */

/** Side of the square that every icon is drawn in. */
export const ICON_GRID = 24;

/**
 * @param {string} address of the sprite
 * @returns {Promise<Map<string, Path2D>>} by symbol id; empty where the file cannot be had: plates go without
 */
export async function loadIcons(address) {
  /** @type {Map<string, Path2D>} */
  const icons = new Map();
  try {
    const answer = await fetch(address);
    if (!answer.ok) return icons;
    const sprite = new DOMParser().parseFromString(await answer.text(), "image/svg+xml");
    for (const path of sprite.querySelectorAll("symbol > path")) {
      icons.set(path.parentElement?.id ?? "", new Path2D(path.getAttribute("d") ?? ""));
    }
  } catch {
    // The server went away between the page and its icons; the words stand on their own.
  }
  return icons;
}
