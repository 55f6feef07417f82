// The board: a card moves by its menu or by dragging; the reason is asked for, and a refusal is said where it happens.
const dialog = document.getElementById("ask");
const form = dialog.querySelector("form");
const refusal = document.getElementById("ask-refusal");

const refresh = () => window.htmx.ajax("GET", window.location.href, { target: "#rows", swap: "outerHTML" });
const labelOf = (state) => document.querySelector(`[data-lane="${state}"]`).dataset.label;

const ask = (card, link) => {
  form.reset();
  refusal.textContent = "";
  form.action = link.dataset.move;
  form.elements.seen.value = card.dataset.state;
  document.getElementById("ask-title").textContent = `${link.textContent}: ${card.querySelector("a").textContent}`;
  dialog.showModal();
};
// A refusal is one sentence, or a rule in each line with the way to what it asks for.
const tell = ({ message, reasons = [] }) => {
  refusal.textContent = reasons.length ? "" : message;
  for (const { text, url } of reasons) {
    const line = document.createElement("a");
    line.href = url;
    line.textContent = text;
    refusal.append(line);
  }
};
// What cannot be done is said in the same place, with what can.
const refuse = (card, from, to) => {
  const { noMove, movesAre, none } = document.querySelector(".board").dataset;
  const moves = [...card.querySelectorAll("[data-move]")].map((one) => one.textContent).join(", ") || none;
  const sentence = noMove.replace("{from}", labelOf(from)).replace("{to}", labelOf(to));
  window.dispatchEvent(new CustomEvent("qudao:say", { detail: `${sentence} ${movesAre} ${moves}` }));
  refresh();
};

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-move]");
  if (link && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    link.closest("details").open = false;
    ask(link.closest("[data-card]"), link);
  }
  if (event.target.closest("[data-leave]")) dialog.close();
});
// A card that was dragged and not moved goes back; after a refusal the board may be out of date.
dialog.addEventListener("close", () => refresh());
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
  if (answer.ok) dialog.close();
  else if (answer.status === 409) tell(await answer.json());
  else window.location.reload();
});

const prepare = () => {
  for (const lane of document.querySelectorAll("[data-lane]:not([data-ready])")) {
    lane.dataset.ready = "";
    window.Sortable.create(lane, {
      group: "board",
      sort: false,
      animation: 0,
      delay: 200,
      delayOnTouchOnly: true,
      filter: "a, summary, button",
      preventOnFilter: false,
      onEnd: ({ item, to }) => {
        const { state } = item.dataset;
        if (to.dataset.lane === state) return;
        const link = item.querySelector(`[data-move][data-target="${to.dataset.lane}"]`);
        if (link) ask(item, link);
        else refuse(item, state, to.dataset.lane);
      },
    });
  }
};
document.addEventListener("htmx:load", prepare);
window.addEventListener("load", prepare);
