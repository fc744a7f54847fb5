// Enhancements: every page works without this script.

const announcement = /** @type {HTMLElement} */ (document.getElementById("announcement"));

// A copy button on every snippet. Browsers have no clipboard on plain HTTP, except on localhost.
for (const pre of navigator.clipboard ? document.querySelectorAll("pre") : []) {
  const box = document.createElement("div");
  const button = document.createElement("button");
  box.className = "snippet";
  button.className = "copy";
  button.type = "button";
  button.textContent = "Copy";
  const label = document.getElementById(pre.getAttribute("aria-labelledby") ?? "")?.textContent ?? "snippet";
  button.setAttribute("aria-label", `Copy: ${label}`);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(pre.textContent ?? "");
      announcement.textContent = button.textContent = "Copied";
    } catch {
      announcement.textContent = button.textContent = "Copying is blocked";
    }
    setTimeout(() => (announcement.textContent = "", button.textContent = "Copy"), 2000);
  });
  pre.replaceWith(box);
  box.append(pre, button);
}

// Times in the reader's time zone.
const moments = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
for (const time of document.querySelectorAll("time[data-moment]")) {
  time.setAttribute("title", time.textContent ?? "");
  time.textContent = moments.format(new Date(time.getAttribute("datetime") ?? ""));
}

// Prevents sending a form twice.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.hasAttribute("aria-busy")) event.preventDefault();
    form.setAttribute("aria-busy", "true");
    if (form.hasAttribute("data-slow")) form.append(document.createElement("progress"));
  });
}
addEventListener("pageshow", () => document.querySelectorAll("form[aria-busy]").forEach((form) => form.removeAttribute("aria-busy")));
