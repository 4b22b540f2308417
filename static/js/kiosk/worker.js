/**
 * The kiosk's service worker: while the server is away, the page comes as it was last seen, and it knows how to wait.
 * Without it a restarted computer, or a tab the browser threw away, would show the browser's own error page.
 * Nothing is ever answered from here while the server answers.
 */

const KEPT = "maskgate-kiosk";
/** Milliseconds after which a server that is there and silent counts as away. */
const PATIENCE = 10_000;

const worker = /** @type {any} */ (self);

worker.addEventListener("install", () => worker.skipWaiting());

// The page tells what it is made of once it stands: no list here to keep up with it.
worker.addEventListener("message", (/** @type {any} */ event) => {
  const addresses = event.data.filter((/** @type {string} */ address) => ours(new URL(address)));
  event.waitUntil(Promise.all(addresses.map((/** @type {string} */ address) => renew(new Request(address)))));
});

worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { request } = event;
  if (request.method !== "GET" || !ours(new URL(request.url))) return;
  event.respondWith(answer(request));
});

/** @param {URL} address */
function ours({ origin, pathname }) {
  return origin === location.origin && (pathname === "/kiosk" || pathname.startsWith("/static/"));
}

/** @param {Request} request */
async function answer(request) {
  const fresh = await ask(request);
  if (fresh && fresh.status < 500) return fresh;
  const kept = await caches.open(KEPT);
  // An installed kiosk opens the bare address, another the one with its options: it is the same page.
  return (await kept.match(request, { ignoreSearch: true, ignoreVary: true })) ?? fresh ?? Response.error();
}

/** @param {Request} request */
async function renew(request) {
  const fresh = await ask(request);
  if (fresh?.ok && !fresh.redirected) await (await caches.open(KEPT)).put(new URL(request.url).pathname, fresh);
}

/**
 * @param {Request} request
 * @returns {Promise<Response | null>} null where there is no answer
 */
async function ask(request) {
  try {
    return await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
  } catch {
    return null;
  }
}
