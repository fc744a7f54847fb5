// Google's button (https://developers.google.com/identity/gsi/web/reference/js-reference). Its credential is posted by the form.
const form = /** @type {HTMLFormElement} */ (document.getElementById("google"));

const script = document.createElement("script");
script.src = "https://accounts.google.com/gsi/client";
script.addEventListener("load", () => {
  const { id } = globalThis.google.accounts;
  id.initialize({ client_id: form.dataset.client, callback });
  id.renderButton(form.querySelector(".google"), { theme: "outline", size: "large", width: 280 });
});
script.addEventListener("error", () => {
  const problem = document.createElement("p");
  problem.className = "problem";
  problem.textContent = "Google's button did not load. Check that your network allows accounts.google.com, then reload this page.";
  form.append(problem);
});
document.head.append(script);

/** @param {{ credential: string }} response */
function callback({ credential }) {
  /** @type {HTMLInputElement} */ (form.elements.namedItem("credential")).value = credential;
  form.requestSubmit();
}
