/**
 * What this tab keeps of its share, to take it back after a reload.
 *
 * @typedef {{id: string, secret: string}} Key
 */

const KEPT_AS = "maskgate.share";

/** @returns {Key | null} */
export function readKey() {
  try {
    const { id, secret } = JSON.parse(sessionStorage.getItem(KEPT_AS) ?? "{}");
    return typeof id === "string" && typeof secret === "string" ? { id, secret } : null;
  } catch {
    return null;
  }
}

/** @param {Key | null} key null forgets it */
export function keepKey(key) {
  try {
    if (key) sessionStorage.setItem(KEPT_AS, JSON.stringify(key));
    else sessionStorage.removeItem(KEPT_AS);
  } catch {
    // Storage is refused: the share lasts as long as the page.
  }
}
