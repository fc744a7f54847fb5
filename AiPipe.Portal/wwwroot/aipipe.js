// AiPipe for web pages without a back end: visitors sign in and give the page an allowance of their own budget.
//
//   import { getProfile, login, logout } from "https://…/aipipe.js";
//   const { token, email } = await login();   // redirects to the gateway and back unless the user is signed in

/**
 * @typedef {object} Profile
 * @property {string | null} token An AiPipe token, to send as `Authorization: Bearer`; null when nobody is signed in.
 * @property {string | null} email The person's address; null when unknown.
 */

// Names of query fields and of items in localStorage.
const TOKEN = "aipipe_token";
const EMAIL = "aipipe_email";

// This module comes from the gateway where people sign in.
const GATEWAY = new URL(import.meta.url).origin;
// The sessionStorage item of a login in progress.
const PENDING = "aipipe_login";

/**
 * @typedef {object} LoginProposal A proposed allowance, which the person may change.
 * @property {number} [limit] USD that the page may spend …
 * @property {number} [days] … in any so many days.
 */

/**
 * Returns the signed-in person. If there is none, redirects to the gateway, where the person signs in and chooses an allowance, and back
 * to this page with a code that only this page can exchange for a token (RFC 7636).
 * @param {LoginProposal} [proposal]
 * @returns {Promise<Profile>} Stays pending while the browser leaves for the gateway.
 * @throws {Error} The person denied access, or the gateway refused. `error.code` is its error code (`access_denied`, …).
 */
export async function login(proposal = {}) {
  const profile = (await finish()) ?? getProfile();
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

/** Forgets the signed-in person. Their grant stays until it expires or they remove it at the gateway. */
export function logout() {
  save({ token: null, email: null });
}

/**
 * Finishes a login that began on this page.
 * @returns {Promise<Profile | undefined>}
 */
async function finish() {
  const pending = JSON.parse(sessionStorage.getItem(PENDING) ?? "null");
  const query = new URLSearchParams(location.search);
  if (!pending || query.getAll("state").at(-1) !== pending.state) return undefined;
  sessionStorage.removeItem(PENDING);
  history.replaceState(history.state, "", pending.redirect + pending.hash);
  const error = query.has("code") ? undefined : query.getAll("error").at(-1);
  const denied = "You did not allow this page to use your budget.";
  if (error) throw Object.assign(new Error(error === "access_denied" ? denied : `Sign-in failed: ${error}`), { code: error });

  const response = await fetch(new URL("/login/token", GATEWAY), {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      code: query.getAll("code").at(-1) ?? "",
      redirect_uri: pending.redirect,
      code_verifier: pending.verifier,
    }),
  });
  const body = await response.json();
  if (!response.ok) throw Object.assign(new Error(body.message), { code: body.error?.code });
  const profile = { token: body.access_token, email: body.email };
  save(profile);
  return profile;
}

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

/** @type {Profile} Replaces localStorage where the browser forbids it (private windows, sandboxed frames). */
let remembered = { token: null, email: null };

/**
 * The signed-in person, from the URL or from localStorage. A token is removed from the URL, so that it is not bookmarked or shared.
 * An expired token is forgotten.
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
 * Separates our fields from the page's own, which keep their exact text.
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
 * The claims of a JWT, which the gateway verifies; none for other tokens.
 * @param {string} token
 * @returns {{ exp?: unknown, email?: string }}
 */
function claims(token) {
  try {
    const bytes = Uint8Array.from(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
    const { exp, email } = Object(JSON.parse(new TextDecoder().decode(bytes)));
    return { exp, email: typeof email === "string" ? email : undefined };
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
