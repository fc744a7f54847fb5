// AiPipe for web pages: who is signed in here?
//
//   import { getProfile } from "https://…/aipipe.js";
//   const { token, email } = getProfile();

/**
 * @typedef {object} Profile
 * @property {string | null} token An AiPipe token, to send as `Authorization: Bearer`; null when nobody is signed in.
 * @property {string | null} email Whose it is; null when unknown.
 */

/** The names in the address that a page is opened with, and in localStorage. */
const TOKEN = "aipipe_token";
const EMAIL = "aipipe_email";

/** @type {Profile} Stands in, for the life of the page, where the browser forbids localStorage (private windows, sandboxed frames). */
let remembered = { token: null, email: null };

/**
 * The signed-in person: as the address says, else as remembered from before. A token on the address is taken off it, so that
 * it is neither bookmarked nor shared; an expired one is forgotten.
 * @returns {Profile}
 */
export function getProfile() {
  const arrived = takeFromAddress();
  if (arrived) save(arrived);
  const profile = arrived ?? load();
  if (profile.token && !isExpired(profile.token)) return profile;
  if (profile.token) save({ token: null, email: null });
  return { token: null, email: null };
}

/** @returns {Profile | null} */
function takeFromAddress() {
  const query = split(location.search.slice(1));
  const fragment = split(location.hash.slice(1));
  if (!query.ours.has(TOKEN) && !fragment.ours.has(TOKEN)) return null;

  const search = query.rest ? `?${query.rest}` : "";
  const hash = fragment.rest ? `#${fragment.rest}` : "";
  history.replaceState(history.state, "", location.pathname + search + hash);

  const ours = fragment.ours.has(TOKEN) ? fragment.ours : query.ours;
  const token = ours.get(TOKEN) || null;
  return { token, email: ours.get(EMAIL) || (token && claims(token).email) || null };
}

/**
 * Parts our fields from the page's own, which stay as they were written, byte for byte.
 * @param {string} text
 */
function split(text) {
  const fields = text.split("&");
  const isOurs = (/** @type {string} */ field) => field.startsWith(`${TOKEN}=`) || field.startsWith(`${EMAIL}=`);
  return {
    ours: new URLSearchParams(fields.filter(isOurs).join("&")),
    rest: fields.filter((field) => !isOurs(field)).join("&"),
  };
}

/** @param {string} token */
function isExpired(token) {
  const { exp } = claims(token);
  return typeof exp === "number" && exp * 1000 <= Date.now();
}

/**
 * What a JWT says of itself; nothing for any other token. It is not verified here: the gateway does that.
 * @param {string} token
 * @returns {{ exp?: unknown, email?: string }}
 */
function claims(token) {
  try {
    const bytes = Uint8Array.from(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
    const said = JSON.parse(new TextDecoder().decode(bytes));
    return said && typeof said === "object" ? { exp: said.exp, email: typeof said.email === "string" ? said.email : undefined } : {};
  } catch {
    return {};
  }
}

/** @returns {Profile} */
function load() {
  try {
    return { token: localStorage.getItem(TOKEN) ?? remembered.token, email: localStorage.getItem(EMAIL) ?? remembered.email };
  } catch {
    return remembered;
  }
}

/** @param {Profile} profile */
function save(profile) {
  try {
    for (const [name, value] of [[TOKEN, profile.token], [EMAIL, profile.email]]) {
      if (value) localStorage.setItem(/** @type {string} */ (name), value);
      else localStorage.removeItem(/** @type {string} */ (name));
    }
    remembered = { token: null, email: null };
  } catch {
    remembered = profile;
  }
}
