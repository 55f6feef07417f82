// The frame: busy bar, folding navigation, menus, messages, search dialog, lost sessions.
const root = document.documentElement;
const text = document.body.dataset;

// Busy bar -------------------------------------------------------------------------------------
let running = 0;
const busy = (step) => {
  running = Math.max(0, running + step);
  root.classList.toggle("is-busy", running > 0);
};
document.addEventListener("htmx:beforeSend", () => busy(1));
document.addEventListener("htmx:afterRequest", () => busy(-1));

// Navigation -----------------------------------------------------------------------------------
const fold = document.querySelector("[data-fold]");
const showFold = () => fold.setAttribute("aria-expanded", String(!root.classList.contains("nav-narrow")));
if (fold) {
  showFold();
  fold.addEventListener("click", () => {
    const narrow = root.classList.toggle("nav-narrow");
    try {
      localStorage.setItem("qudao.nav", narrow ? "narrow" : "wide");
    } catch {
      // Not remembered where storage is switched off.
    }
    showFold();
  });
}

// Menus and messages ---------------------------------------------------------------------------
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  event.target.closest("[data-dismiss]")?.closest(".note")?.remove();
});

const say = (message, level = "error") => {
  const place = document.getElementById("notes");
  if (!place) return;
  const note = document.createElement("div");
  note.className = `note ${level}`;
  note.setAttribute("role", level === "error" ? "alert" : "status");
  note.textContent = message;
  place.replaceChildren(note);
  place.scrollIntoView({ block: "nearest" });
};
window.addEventListener("qudao:say", (event) => say(event.detail));
document.addEventListener("htmx:sendError", () => say(text.textOffline));
document.addEventListener("htmx:responseError", () => say(text.textFailed));

// A whole page where a part was asked for is the log-in page of a lost session.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, target } = event.detail;
  if (target !== document.body && /^\s*<!doctype/i.test(xhr.responseText)) {
    event.detail.shouldSwap = false;
    window.location.assign(event.detail.requestConfig.verb === "get" ? event.detail.pathInfo.finalRequestPath : window.location.href);
  }
});

// Search ---------------------------------------------------------------------------------------
const box = document.getElementById("search");
if (box) {
  const input = box.querySelector("input[name=q]");
  const links = () => [...box.querySelectorAll("#search-results a")];
  const open = (event) => {
    event.preventDefault();
    if (!box.open) box.showModal();
    input.select();
  };
  document.querySelector("[data-search]")?.addEventListener("click", (event) => {
    if (!event.ctrlKey && !event.metaKey && !event.shiftKey) open(event);
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") open(event);
    if (event.key === "Escape") for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
  });
  box.addEventListener("click", (event) => {
    if (event.target === box || event.target.closest("[data-close]")) box.close();
  });
  box.addEventListener("keydown", (event) => {
    const list = links();
    const at = list.indexOf(document.activeElement);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!list.length) return;
      event.preventDefault();
      const next = at + (event.key === "ArrowDown" ? 1 : -1);
      if (next < 0) input.focus();
      else list[Math.min(next, list.length - 1)].focus();
    } else if (event.key === "Enter" && document.activeElement === input && list.length) {
      event.preventDefault();
      list[0].click();
    } else if (at >= 0 && event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
      input.focus();
    }
  });
}
