/** `POST /api/v1/detect`: how a single picture is asked about, without a socket. */

/** Milliseconds after which the server counts as unreachable; its own limit for a picture is shorter. */
const PATIENCE = 30_000;

/** @typedef {{answer: Response, body: any}} Said */

/**
 * @param {Blob} picture
 * @param {Record<string, string>} query
 * @param {AbortSignal} signal
 * @returns {Promise<Said>} also where it is refused
 * @throws {Error} where the server cannot be reached, or the signal came
 */
export async function detect(picture, query, signal) {
  const answer = await fetch(`/api/v1/detect?${new URLSearchParams(query)}`, {
    method: "POST",
    headers: { "Content-Type": picture.type },
    body: picture,
    signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
  });
  return { answer, body: await answer.json() };
}

/**
 * @param {Said} said
 * @returns {{code?: string, message: string}} why it was refused, for `reason` to say
 */
export function refusal({ answer, body }) {
  return { message: `${answer.status} ${answer.statusText}`, ...body?.error };
}
