// AiPipe for web pages: sign people in, each with a slice of their own budget, without a back end.
//
//   import { getProfile, login, logout } from "https://…/aipipe.js";
//   const { token, email } = await login();   // goes to the gateway and comes back, when nobody is signed in

/**
 * @typedef {object} Profile
 * @property {string | null} token An AiPipe token, to send as `Authorization: Bearer`; null when nobody is signed in.
 * @property {string | null} email Whose it is; null when unknown.
 */

/** The names in the address that a page is opened with, and in localStorage. */
const TOKEN = "aipipe_token";
const EMAIL = "aipipe_email";

/** Where this module came from is where people sign in. */
const GATEWAY = new URL(import.meta.url).origin;
/** What a login that is under way must remember, in sessionStorage. */
const PENDING = "aipipe_login";

/**
 * @typedef {object} LoginProposal What to propose to the person; they decide.
 * @property {number} [limit] USD that the page may spend …
 * @property {number} [days] … in so many days.
 */

/**
 * Makes sure that somebody is signed in. When nobody is, goes to the gateway, where the person signs in and says how much of their
 * budget this page may use, and comes back to where the page was. The token never stands in an address: a code does, which is of no
 * use to anybody but this page (RFC 7636).
 * @param {LoginProposal} [proposal]
 * @returns {Promise<Profile>} Who is signed in. Does not return while the browser is on its way to the gateway.
 * @throws {Error} The person said no, or the gateway did. `error.code` is the gateway's name for it (`access_denied`, …).
 */
export async function login(proposal = {}) {
  const came = await finish();
  const profile = came ?? getProfile();
  if (profile.token) return profile;

  const verifier = random();
  const state = random();
  const redirect = location.origin + location.pathname + location.search;
  sessionStorage.setItem(PENDING, JSON.stringify({ verifier, state, redirect, hash: location.hash }));
  const address = new URL("/login", GATEWAY);
  address.search = new URLSearchParams({
    redirect,
    state,
    code_challenge: await sha256(verifier),
    code_challenge_method: "S256",
    ...(proposal.limit === undefined ? {} : { limit: String(proposal.limit) }),
    ...(proposal.days === undefined ? {} : { days: String(proposal.days) }),
  }).toString();
  location.assign(address);
  return new Promise(() => {});
}

/** Forgets who is signed in here. What they granted stays until they take it back at the gateway, or it ends. */
export function logout() {
  save({ token: null, email: null });
}

/**
 * The end of a login that began on this page, when the address says that there is one.
 * @returns {Promise<Profile | undefined>}
 */
async function finish() {
  const pending = JSON.parse(sessionStorage.getItem(PENDING) ?? "null");
  const answer = new URLSearchParams(location.search);
  if (!pending || answer.getAll("state").at(-1) !== pending.state) return undefined;
  sessionStorage.removeItem(PENDING);
  history.replaceState(history.state, "", pending.redirect + pending.hash);
  const error = answer.has("code") ? undefined : answer.getAll("error").at(-1);
  if (error) throw Object.assign(new Error(error === "access_denied" ? "You did not let this page use your budget." : error), { code: error });

  const response = await fetch(new URL("/login/token", GATEWAY), {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code", code: answer.getAll("code").at(-1) ?? "", redirect_uri: pending.redirect, code_verifier: pending.verifier,
    }),
  });
  const said = await response.json();
  if (!response.ok) throw Object.assign(new Error(said.message), { code: said.error?.code });
  const profile = { token: said.access_token, email: said.email };
  save(profile);
  return profile;
}

/** 32 random bytes. */
function random() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

/** @param {string} text */
async function sha256(text) {
  return base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));
}

/** @param {Uint8Array} bytes */
function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

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
