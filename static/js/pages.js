// Lists, tabs and forms.
const sameQuery = (a, b) => {
  a.sort();
  b.sort();
  return a.toString() === b.toString();
};

// A filter form sends only what is set, keeps the order of the list and starts at its first page.
document.addEventListener("htmx:configRequest", (event) => {
  const form = event.target.closest?.("form[data-filters]");
  if (!form || event.target !== form) return;
  const data = event.detail.formData;
  for (const [name, value] of [...data.entries()]) if (value === "") data.delete(name);
  const now = new URLSearchParams(window.location.search);
  if (now.has("sort")) data.set("sort", now.get("sort"));
  const next = new URLSearchParams([...data.entries()].map(([name, value]) => [name, String(value)]));
  now.delete("page");
  if (sameQuery(now, next)) event.preventDefault();
});

// Long lists of choices come when someone turns to the filters.
const choicesWanted = (event) => {
  const form = event.target.closest?.("form[data-filters]");
  for (const select of form?.querySelectorAll("select[data-choices]") ?? []) {
    const name = select.dataset.choices;
    delete select.dataset.choices;
    fetch(`${form.getAttribute("action")}?choices=${encodeURIComponent(name)}`)
      .then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status)))
      .then((options) => {
        const chosen = select.value;
        select.innerHTML = options;
        select.value = chosen;
      })
      .catch(() => (select.dataset.choices = name));
  }
};
for (const kind of ["pointerover", "focusin"]) document.addEventListener(kind, choicesWanted);
document.addEventListener("click", (event) => {
  const toggle = event.target.closest("[data-filter-toggle]");
  if (toggle) {
    const open = toggle.closest("form").classList.toggle("open");
    toggle.setAttribute("aria-expanded", String(open));
  }
  const row = event.target.closest("tr[data-url]");
  if (row && !event.target.closest("a, button, input, label, select") && !String(window.getSelection())) {
    if (event.ctrlKey || event.metaKey) window.open(row.dataset.url, "_blank", "noopener");
    else window.location.assign(row.dataset.url);
  }
});

// Tabs show which one is open after a swap.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "tab") return;
  const opened = event.detail.requestConfig.elt;
  if (!opened.matches?.(".tabs a")) return;
  for (const tab of opened.closest(".tabs").querySelectorAll("a")) tab.removeAttribute("aria-current");
  opened.setAttribute("aria-current", "page");
});
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });

// What was typed is not lost by leaving.
let changed = false;
for (const form of document.querySelectorAll("form[data-guard]")) {
  changed ||= form.hasAttribute("data-changed");
  form.addEventListener("input", () => (changed = true));
  form.addEventListener("submit", () => (changed = false));
}
window.addEventListener("beforeunload", (event) => {
  if (changed) event.preventDefault();
});
document.querySelector("[data-errors]")?.focus();

// Demo log-ins fill the form.
for (const button of document.querySelectorAll("[data-login]")) {
  button.addEventListener("click", () => {
    const form = document.querySelector("form[data-login-form]");
    form.elements.username.value = button.dataset.login;
    form.elements.password.value = button.dataset.password;
    form.querySelector("[type=submit]").focus();
  });
}
