// The talk of the playground: it lives in this page and is gone with it.
import { asCode, createChatRequest, events } from "./chat.js";

/** An image or a sound beyond this is more than a model takes. */
const MAX_FILE_BYTES = 15 << 20;

const $ = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
const [ask, text, talk, model, file] = ["ask", "text", "talk", "model", "file"].map($);

/** @type {import("./chat.js").Message[]} */
let messages = [];
/** @type {AbortController | undefined} */
let answering;

if (ask) {
  $("choice").provider.addEventListener("change", () => $("choice").requestSubmit());
  ask.addEventListener("submit", send);
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) ask.requestSubmit();
  });
  text.addEventListener("input", showCode);
  $("stop").addEventListener("click", () => answering?.abort());
  $("anew").addEventListener("click", startAnew);
  $("language").addEventListener("change", showCode);
  model.addEventListener("change", chosen);
  chosen();
}

function chosen() {
  const takes = (option().dataset.takes ?? "").split(" ");
  $("attachments").hidden = !takes.some((kind) => kind === "image" || kind === "audio");
  if ($("attachments").hidden) file.value = "";
  showCode();
}

function option() {
  return model.selectedOptions[0];
}

/** @param {import("./chat.js").Message[]} talked */
function createRequest(talked) {
  return createChatRequest(option().dataset.dialect, option().dataset.base, model.value, talked);
}

/** Files are left out of the code: their bytes say nothing to a reader. */
function showCode() {
  const talked = [...messages, { role: /** @type {const} */ ("user"), text: text.value || "Hello" }].map(({ role, text: said }) => ({ role, text: said }));
  $("snippet").textContent = asCode($("language").value, createRequest(talked));
}

/** @param {SubmitEvent} event */
async function send(event) {
  event.preventDefault();
  if (answering || !text.value.trim()) return;
  const [chosenFile] = file.files;
  if (chosenFile?.size > MAX_FILE_BYTES) return alert("The file is larger than 15 MB.");
  answering = new AbortController();
  const asked = { role: /** @type {const} */ ("user"), text: text.value, file: await attachment().catch(() => undefined) };
  const mine = show("user", asked.text);
  if (asked.file) mine.append(media(asked.file));
  const answer = show("assistant", "");
  busy(answer, true);
  text.value = "";
  try {
    const said = await stream(createRequest([...messages, asked]), answer);
    messages = [...messages, asked, { role: "assistant", text: said }];
    file.value = "";
  } catch (problem) {
    if (answering.signal.aborted) bill(answer, "stopped");
    else tell(answer, problem instanceof TypeError ? "The gateway cannot be reached. Check your connection and send it again." : problem.message);
    text.value ||= asked.text;
  } finally {
    busy(answer, false);
    answering = undefined;
    showCode();
  }
}

/**
 * @param {import("./chat.js").ChatRequest} asked
 * @param {HTMLElement} answer
 */
async function stream(asked, answer) {
  const response = await fetch(asked.path, {
    method: "POST",
    headers: { Authorization: `Bearer ${ask.dataset.token}`, "Content-Type": "application/json" },
    body: JSON.stringify(asked.body),
    signal: answering.signal,
  });
  if (!response.ok) throw new Error(await problemOf(response));
  const place = answer.querySelector(".text");
  let said = "";
  try {
    for await (const event of events(response)) {
      if (event.error) throw new Error(event.error.message ?? "The provider broke the answer off.");
      for (const piece of asked.read(event)) {
        if (piece.media) answer.append(media(piece.media));
        said += piece.text ?? "";
      }
      place.textContent = said;
      bill(answer, about(asked, said));
    }
  } finally {
    await settle(answer, response.headers.get("x-aipipe-call-id"));
  }
  return said;
}

/** What the answer costs so far: a guess by its length, until the receipt is there. */
function about(asked, said) {
  const [input, output] = [Number(option().dataset.in), Number(option().dataset.out)];
  if (!input && !output) return "";
  return `about ${usd((JSON.stringify(asked.body).length * input + said.length * output) / 4e6)}`;
}

/** What it did cost. It stands in the ledger before the answer's last byte; only who stops an answer is a moment ahead of it. */
async function settle(answer, id) {
  const headers = { Authorization: `Bearer ${ask.dataset.token}` };
  const call = id && (await fetch(`/usage/calls/${id}`, { headers }).then((r) => (r.ok ? r.json() : undefined)).catch(() => undefined));
  if (call) {
    bill(answer, `${usd(call.cost)}${call.estimated ? " (estimated)" : ""} · ${call.input_tokens ?? "?"} tokens in, ${call.output_tokens ?? "?"} out · `);
    const link = document.createElement("a");
    link.href = `/account/calls/${call.id}`;
    link.textContent = "receipt";
    answer.querySelector(".bill").append(link);
  }
  const usage = await fetch("/usage", { headers }).then((r) => (r.ok ? r.json() : undefined)).catch(() => undefined);
  if (usage) $("left").textContent = usd(usage.remaining);
}

/** @param {Response} response */
async function problemOf(response) {
  try {
    const { message, error } = await response.json();
    return message ?? error?.message ?? error ?? response.statusText;
  } catch {
    return `The provider answered with status ${response.status}.`;
  }
}

async function attachment() {
  const [chosenFile] = file.files;
  if (!chosenFile || $("attachments").hidden) return undefined;
  const bytes = new Uint8Array(await chosenFile.arrayBuffer());
  let binary = "";
  for (let i = 0; i < bytes.length; i += 0x8000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return { type: chosenFile.type, data: btoa(binary) };
}

/** @param {{ type: string, data: string }} given */
function media({ type, data }) {
  const element = document.createElement(type.startsWith("audio/") ? "audio" : "img");
  element.src = `data:${type};base64,${data}`;
  if (element instanceof HTMLAudioElement) element.controls = true;
  else element.alt = "An image of this conversation";
  return element;
}

/** @param {"user" | "assistant"} role */
function show(role, said) {
  $("nothing").hidden = true;
  const item = document.createElement("li");
  item.className = role;
  const who = document.createElement("span");
  who.className = "unseen";
  who.textContent = role === "user" ? "You: " : `${model.value}: `;
  const place = document.createElement("div");
  place.className = "text";
  place.textContent = said;
  const cost = document.createElement("p");
  cost.className = "bill";
  cost.hidden = true;
  item.append(who, place, cost);
  talk.append(item);
  item.scrollIntoView({ block: "nearest" });
  return item;
}

function bill(item, words) {
  const cost = item.querySelector(".bill");
  cost.textContent = words;
  cost.hidden = !words;
}

function tell(item, words) {
  const problem = document.createElement("p");
  problem.className = "problem";
  problem.setAttribute("role", "alert");
  problem.textContent = words;
  item.append(problem);
}

function busy(item, is) {
  item.querySelector(".text").classList.toggle("busy", is);
  // Told to readers of the screen whole when it is there, not letter by letter.
  talk.setAttribute("aria-busy", String(is));
  $("send").disabled = is;
  $("stop").hidden = !is;
}

function startAnew() {
  answering?.abort();
  messages = [];
  talk.replaceChildren();
  $("nothing").hidden = false;
  showCode();
}

/** Two digits that are not zero, as the pages write it. */
function usd(amount) {
  if (amount === 0 || amount >= 1) return `$${amount.toFixed(2)}`;
  return `$${amount.toFixed(Math.min(12, Math.max(2, 1 - Math.floor(Math.log10(amount)))))}`;
}
