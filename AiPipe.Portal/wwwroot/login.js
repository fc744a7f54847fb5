// Google's button (https://developers.google.com/identity/gsi/web/reference/js-reference): what it gives goes into the form beside it.
const form = /** @type {HTMLFormElement} */ (document.getElementById("google"));

const script = document.createElement("script");
script.src = "https://accounts.google.com/gsi/client";
script.addEventListener("load", () => {
  const { id } = globalThis.google.accounts;
  id.initialize({ client_id: form.dataset.client, callback });
  id.renderButton(form.querySelector(".google"), { theme: "outline", size: "large", width: 280 });
});
script.addEventListener("error", () => {
  const sorry = document.createElement("p");
  sorry.className = "problem";
  sorry.textContent = "Google's button did not load. Check that your network lets accounts.google.com through.";
  form.append(sorry);
});
document.head.append(script);

/** @param {{ credential: string }} answer */
function callback({ credential }) {
  /** @type {HTMLInputElement} */ (form.elements.namedItem("credential")).value = credential;
  form.requestSubmit();
}
