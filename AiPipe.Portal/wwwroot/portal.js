// A copy button on every snippet; without a clipboard (plain http from elsewhere) the page is as good without one.
const said = /** @type {HTMLElement} */ (document.getElementById("said"));

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
