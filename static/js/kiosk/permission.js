/** Whether the camera may be used without a question, now or from now on. */

/**
 * @param {() => void} start called at once where it may, and whenever that is granted later
 */
export async function onCameraAllowed(start) {
  try {
    const permission = await navigator.permissions.query({ name: /** @type {PermissionName} */ ("camera") });
    permission.addEventListener("change", () => {
      if (permission.state === "granted") start();
    });
    if (permission.state === "granted") start();
  } catch {
    // Firefox before 132 does not know this permission: there the button starts the camera.
  }
}
