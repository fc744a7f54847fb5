// What pages do better with a script; without one they work as well.

const said = /** @type {HTMLElement} */ (document.getElementById("said"));

// A copy button on every snippet; without a clipboard (plain http from elsewhere) the page is as good without one.
for (const pre of navigator.clipboard ? document.querySelectorAll("pre") : []) {
  const box = document.createElement("div");
  const button = document.createElement("button");
  box.className = "snippet";
  button.className = "copy";
  button.type = "button";
  button.textContent = "Copy";
  button.setAttribute("aria-label", `Copy: ${document.getElementById(pre.getAttribute("aria-labelledby") ?? "")?.textContent ?? "snippet"}`);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(pre.textContent ?? "");
      said.textContent = button.textContent = "Copied";
    } catch {
      said.textContent = button.textContent = "Not allowed";
    }
    setTimeout(() => (said.textContent = "", button.textContent = "Copy"), 2000);
  });
  pre.replaceWith(box);
  box.append(pre, button);
}

// Moments in the reader's own time; the server knows UTC only.
const moments = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
for (const time of document.querySelectorAll("time[data-moment]")) {
  time.setAttribute("title", time.textContent ?? "");
  time.textContent = moments.format(new Date(time.getAttribute("datetime") ?? ""));
}

// A form that is on its way is not sent twice, and says so.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.hasAttribute("aria-busy")) event.preventDefault();
    form.setAttribute("aria-busy", "true");
    if (form.hasAttribute("data-slow")) form.append(document.createElement("progress"));
  });
}
addEventListener("pageshow", () => document.querySelectorAll("form[aria-busy]").forEach((form) => form.removeAttribute("aria-busy")));
