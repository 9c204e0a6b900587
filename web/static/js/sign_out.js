/** The button that ends the session. */

import { ask } from "./api.js";
import { toastError } from "./toast.js";

/** Make `#sign-out` end the session and go to the door. */
export function startSignOut() {
  document.getElementById("sign-out")?.addEventListener("click", () => {
    ask("DELETE", "session").then(() => location.assign("/sign-in"), toastError);
  });
}
