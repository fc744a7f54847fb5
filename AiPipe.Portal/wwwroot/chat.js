// Requests for a streamed response, one builder for each kind of API, and how to read its events.

/**
 * @typedef {{ role: "user" | "assistant", text: string, file?: { type: string, data: string } }} Message data is base64
 * @typedef {{ text?: string, media?: { type: string, data: string } }} Piece A part of a response.
 * @typedef {{ path: string, body: object, read: (event: any) => Piece[] }} ChatRequest
 */

/**
 * @param {string} dialect
 * @param {string} base Such as /openai/v1.
 * @param {string} model
 * @param {Message[]} messages
 * @returns {ChatRequest}
 */
export function createChatRequest(dialect, base, model, messages) {
  return dialect === "gemini" ? gemini(base, model, messages) : openai(base, model, messages);
}

/** https://platform.openai.com/docs/api-reference/chat/create @returns {ChatRequest} */
function openai(base, model, messages) {
  return {
    path: `${base}/chat/completions`,
    body: { model, stream: true, messages: messages.map(({ role, text, file }) => ({ role, content: content(text, file) })) },
    read: (event) => (event.choices ?? []).map(({ delta }) => ({ text: delta?.content ?? "" })),
  };
}

function content(text, file) {
  return file ? [{ type: "text", text }, attached(file)] : text;
}

function attached({ type, data }) {
  return type.startsWith("audio/")
    ? { type: "input_audio", input_audio: { data, format: type === "audio/mpeg" ? "mp3" : "wav" } }
    : { type: "image_url", image_url: { url: `data:${type};base64,${data}` } };
}

/** https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent @returns {ChatRequest} */
function gemini(base, model, messages) {
  const parts = ({ text, file }) => (file ? [{ text }, { inline_data: { mime_type: file.type, data: file.data } }] : [{ text }]);
  return {
    path: `${base}/models/${encodeURIComponent(model)}:streamGenerateContent?alt=sse`,
    body: { contents: messages.map((message) => ({ role: message.role === "user" ? "user" : "model", parts: parts(message) })) },
    read: (event) => (event.candidates?.[0]?.content?.parts ?? []).map(({ text, inlineData }) => ({
      text: text ?? "",
      media: inlineData && { type: inlineData.mimeType, data: inlineData.data },
    })),
  };
}

/**
 * The parsed events of a streamed response.
 * @param {Response} response
 */
export async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split(/\r?\n/);
    rest = lines.pop();
    for (const line of lines) {
      if (!line.startsWith("data:") || line.includes("[DONE]")) continue;
      yield JSON.parse(line.slice("data:".length));
    }
  }
}

/** The request as code in a language. */
export function asCode(language, { path, body }) {
  const url = location.origin + path;
  const json = JSON.stringify(body, null, 2);
  if (language === "python") {
    return `import json, os, urllib.request\n\nbody = json.loads(r'''${json.replaceAll("'''", "\\u0027\\u0027\\u0027")}''')\n`
      + `request = urllib.request.Request(\n    "${url}",\n    json.dumps(body).encode(),\n`
      + `    {"Authorization": "Bearer " + os.environ["AIPIPE_TOKEN"], "Content-Type": "application/json"},\n)\n`
      + "for line in urllib.request.urlopen(request):\n    print(line.decode(), end=\"\")";
  }
  if (language === "javascript") {
    return `const response = await fetch("${url}", {\n  method: "POST",\n`
      + `  headers: { Authorization: \`Bearer \${process.env.AIPIPE_TOKEN}\`, "Content-Type": "application/json" },\n`
      + `  body: JSON.stringify(${json.replaceAll("\n", "\n  ")}),\n});\n`
      + "for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) process.stdout.write(chunk);";
  }
  const headers = `-H "Authorization: Bearer $AIPIPE_TOKEN" \\\n  -H "Content-Type: application/json"`;
  return `curl -N "${url}" \\\n  ${headers} \\\n  -d '${json.replaceAll("'", "'\\''")}'`;
}
