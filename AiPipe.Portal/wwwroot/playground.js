// The conversation of the playground. It is kept in this page only.
import { asCode, createChatRequest, events } from "./chat.js";
import { bill, createMessage, media, tell, usd } from "./messages.js";

// Models accept no larger files.
const MAX_FILE_BYTES = 15 << 20;
const unreachable = "AiPipe cannot be reached. Check your connection and send the message again.";

const $ = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
const [ask, text, talk, model, file] = ["ask", "text", "talk", "model", "file"].map($);

/** @type {import("./chat.js").Message[]} */
let messages = [];
/** @type {AbortController | undefined} */
let running;

if (ask) {
  $("choice").provider.addEventListener("change", () => $("choice").requestSubmit());
  ask.addEventListener("submit", send);
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) ask.requestSubmit();
  });
  text.addEventListener("input", showCode);
  $("stop").addEventListener("click", () => running?.abort());
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

/** @param {import("./chat.js").Message[]} conversation */
function createRequest(conversation) {
  return createChatRequest(option().dataset.dialect, option().dataset.base, model.value, conversation);
}

// Without files, whose bytes would only bury the code.
function showCode() {
  const next = { role: /** @type {const} */ ("user"), text: text.value || "Hello" };
  const plain = [...messages, next].map(({ role, text: content }) => ({ role, text: content }));
  $("snippet").textContent = asCode($("language").value, createRequest(plain));
}

/** @param {SubmitEvent} event */
async function send(event) {
  event.preventDefault();
  if (running || !text.value.trim()) return;
  const [chosenFile] = file.files;
  if (chosenFile?.size > MAX_FILE_BYTES) return alert("The file is larger than 15 MB.");
  running = new AbortController();
  const attached = await attachment().catch(() => undefined);
  const message = { role: /** @type {const} */ ("user"), text: text.value, file: attached };
  const mine = show("user", message.text);
  if (message.file) mine.append(media(message.file));
  const answer = show("assistant", "");
  busy(answer, true);
  text.value = "";
  try {
    const reply = await stream(createRequest([...messages, message]), answer);
    messages = [...messages, message, { role: "assistant", text: reply }];
    file.value = "";
  } catch (problem) {
    if (running.signal.aborted) bill(answer, "You stopped this response. Its cost appears under Usage.");
    else tell(answer, problem instanceof TypeError ? unreachable : problem.message);
    text.value ||= message.text;
  } finally {
    busy(answer, false);
    running = undefined;
    showCode();
  }
}

/**
 * @param {import("./chat.js").ChatRequest} request
 * @param {HTMLElement} answer
 */
async function stream(request, answer) {
  const response = await fetch(request.path, {
    method: "POST",
    headers: { Authorization: `Bearer ${ask.dataset.token}`, "Content-Type": "application/json" },
    body: JSON.stringify(request.body),
    signal: running.signal,
  });
  if (!response.ok) throw new Error(await problemOf(response));
  const place = answer.querySelector(".text");
  let reply = "";
  try {
    for await (const event of events(response)) {
      if (event.error) throw new Error(event.error.message ?? "The provider ended the response with an error.");
      for (const piece of request.read(event)) {
        if (piece.media) answer.append(media(piece.media));
        reply += piece.text ?? "";
      }
      place.textContent = reply;
      bill(answer, estimate(request, reply));
    }
  } finally {
    await settle(answer, response.headers.get("x-aipipe-call-id"));
  }
  return reply;
}

/** The cost so far, estimated from the text's length until the receipt is available. */
function estimate(request, reply) {
  const [input, output] = [Number(option().dataset.in), Number(option().dataset.out)];
  if (!input && !output) return "";
  return `about ${usd((JSON.stringify(request.body).length * input + reply.length * output) / 4e6)}`;
}

// The ledger has the call before the response's last byte arrives, except when the person stops the response.
async function settle(answer, id) {
  const headers = { Authorization: `Bearer ${ask.dataset.token}` };
  const get = (path) => fetch(path, { headers }).then((r) => (r.ok ? r.json() : undefined)).catch(() => undefined);
  const call = id && (await get(`/usage/calls/${id}`));
  if (call) {
    const tokens = `${call.input_tokens ?? "?"} tokens in, ${call.output_tokens ?? "?"} out`;
    bill(answer, `${usd(call.cost)}${call.estimated ? " (estimated)" : ""} · ${tokens} · `);
    const link = document.createElement("a");
    link.href = `/account/calls/${call.id}`;
    link.textContent = "receipt";
    answer.querySelector(".bill").append(link);
  }
  const usage = await get("/usage");
  if (usage) $("left").textContent = usd(usage.remaining);
}

/** @param {Response} response */
async function problemOf(response) {
  try {
    const { message, error } = await response.json();
    return message ?? error?.message ?? error ?? response.statusText;
  } catch {
    return `The call failed with status ${response.status}.`;
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

/** @param {"user" | "assistant"} role */
function show(role, content) {
  $("nothing").hidden = true;
  const item = createMessage(role, role === "user" ? "You" : model.value, content);
  talk.append(item);
  item.scrollIntoView({ block: "nearest" });
  return item;
}

function busy(item, is) {
  item.querySelector(".text").classList.toggle("busy", is);
  // Screen readers read the response when it is complete.
  talk.setAttribute("aria-busy", String(is));
  $("send").disabled = is;
  $("stop").hidden = !is;
}

function startAnew() {
  running?.abort();
  messages = [];
  talk.replaceChildren();
  $("nothing").hidden = false;
  showCode();
}
