/** Has the browser keep this page for when the server is away; see `worker.js`. */

/** @param {Navigator} browser */
export async function keepPage({ serviceWorker }) {
  if (!serviceWorker) return; // no secure address, or none wanted: the page waits as long as it stands
  try {
    await serviceWorker.register("/kiosk-worker.js", { scope: "/kiosk" });
    const { active } = await serviceWorker.ready;
    const parts = performance.getEntriesByType("resource").map(({ name }) => name);
    active?.postMessage([location.href, ...parts]);
  } catch {
    // Refused by a policy; the next load tries again.
  }
}
