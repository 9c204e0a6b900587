/** The door: sends the name and password, says what went wrong, goes to the page of the role. */

import { ApiError, post } from "./api.js";
import { byId } from "./page.js";
import { fill, h } from "./dom.js";
import { t } from "./message.js";
import { drawDoor } from "./door.js";

const form = /** @type {HTMLFormElement} */ (byId("sign-in"));
const problem = byId("problem");
drawDoor(byId("door-map"));
document.documentElement.dataset.ready = "true";

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const data = new FormData(form);
  const username = String(data.get("username")).trim();
  const password = String(data.get("password"));
  if (!username || !password) {
    refuse([t("sign_in.both")]);
    return;
  }
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button[type=submit]"));
  button.setAttribute("aria-busy", "true");
  button.disabled = true;
  try {
    const answer = await post("session", { username, password });
    location.assign(nextPath() ?? answer.home);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    refuse(error.status === 401 ? [t("sign_in.wrong")] : error.lines);
    button.removeAttribute("aria-busy");
    button.disabled = false;
  }
});

/** @param {string[]} lines */
function refuse(lines) {
  fill(problem, ...lines.map((line) => h("p", null, line)));
  problem.hidden = false;
}

/** Where somebody wanted to go before they had to sign in; only paths of this server. */
function nextPath() {
  const next = new URLSearchParams(location.search).get("next");
  if (!next || !next.startsWith("/") || next.startsWith("//") || next.includes("\\")) return null;
  return next === "/" ? null : next;
}
