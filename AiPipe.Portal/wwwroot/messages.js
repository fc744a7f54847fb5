// The messages of the playground's conversation.

export function createMessage(role, author, content) {
  const item = document.createElement("li");
  item.className = role;
  const who = document.createElement("span");
  who.className = "unseen";
  who.textContent = `${author}: `;
  const place = document.createElement("div");
  place.className = "text";
  place.textContent = content;
  const cost = document.createElement("p");
  cost.className = "bill";
  cost.hidden = true;
  item.append(who, place, cost);
  return item;
}

/** @param {{ type: string, data: string }} given */
export function media({ type, data }) {
  const element = document.createElement(type.startsWith("audio/") ? "audio" : "img");
  element.src = `data:${type};base64,${data}`;
  if (element instanceof HTMLAudioElement) element.controls = true;
  else element.alt = "Image in this conversation";
  return element;
}

export function bill(item, words) {
  const cost = item.querySelector(".bill");
  cost.textContent = words;
  cost.hidden = !words;
}

export function tell(item, words) {
  const problem = document.createElement("p");
  problem.className = "problem";
  problem.setAttribute("role", "alert");
  problem.textContent = words;
  item.append(problem);
}

/** Money by the rule of the pages (Usd.cs): two significant digits below a dollar, at least two decimals. */
export function usd(amount) {
  const decimals = amount > 0 && amount < 1 ? Math.min(12, Math.max(2, 1 - Math.floor(Math.log10(amount)))) : 2;
  return `$${amount.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: decimals })}`;
}
