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
  for (const name of ["sort", "columns", "view"]) if (now.has(name)) data.set(name, now.getAll(name).join(","));
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

// The chosen columns stand in the address in their order, by one name; a column moves by its buttons or by dragging.
const sortable = (list) => {
  if (window.Sortable && !list.dataset.ready) {
    list.dataset.ready = "1";
    window.Sortable.create(list, { animation: 0, filter: "input, button", preventOnFilter: false });
  }
};
document.addEventListener("toggle", (event) => {
  if (!event.target.matches?.("details[data-columns][open]")) return;
  const list = event.target.querySelector("[data-sortable]");
  const source = document.querySelector("meta[name=sortable]")?.content;
  if (window.Sortable || !source) return sortable(list);
  const script = document.createElement("script");
  script.src = source;
  script.onload = () => sortable(list);
  document.head.append(script);
}, true);
// An open menu over a list ends where the window does, or the bar at its foot, so that its own foot is always seen.
const LEAST_ROOM = 300;
const fit = (menu) => {
  const body = menu.querySelector(".menu-body");
  const bar = document.querySelector(".tabbar")?.getBoundingClientRect();
  const end = bar?.height ? bar.top : window.innerHeight;
  const room = () => end - body.getBoundingClientRect().top - 8;
  body.style.maxHeight = "";
  if (room() < Math.min(LEAST_ROOM, body.scrollHeight)) menu.scrollIntoView({ block: "start" });
  body.style.maxHeight = `${Math.max(room(), 160)}px`;
};
document.addEventListener("toggle", (event) => {
  if (event.target.matches?.(".tools details.tool[open]")) fit(event.target);
}, true);
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-up], [data-down]");
  if (!button) return;
  const item = button.closest("li");
  if ("up" in button.dataset) item.previousElementSibling?.before(item);
  else item.nextElementSibling?.after(item);
  button.focus();
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-fixed]")) event.target.checked = true;
});
document.addEventListener("submit", (event) => {
  const form = event.target.closest("details[data-columns] form");
  if (!form) return;
  event.preventDefault();
  const query = new URLSearchParams();
  const names = [];
  for (const [name, value] of new FormData(form)) {
    if (name === "columns") names.push(value);
    else query.append(name, value);
  }
  if (names.length) query.set("columns", names.join(","));
  window.location.assign(`${form.getAttribute("action")}?${query}`);
});

// Rows are chosen one by one, by the page, or all that match; the bar shows once something is.
const showChosen = () => {
  const bar = document.querySelector("[data-bulk]");
  if (!bar) return;
  const boxes = [...document.querySelectorAll("[data-select]")];
  const chosen = boxes.filter((box) => box.checked).length;
  const all = bar.querySelector("[data-select-all]").checked;
  const page = document.querySelector("[data-select-page]");
  page.checked = chosen > 0 && chosen === boxes.length;
  page.indeterminate = chosen > 0 && chosen < boxes.length;
  bar.querySelector("[data-selected]").textContent = String(chosen);
  bar.classList.toggle("open", chosen > 0 || all);
};
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-select-page]")) {
    for (const box of document.querySelectorAll("[data-select]")) box.checked = event.target.checked;
  }
  if (event.target.matches("[data-select-page], [data-select], [data-select-all]")) showChosen();
});
document.addEventListener("htmx:load", showChosen);
window.addEventListener("pageshow", showChosen);

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

// A file that is too large is refused before it is sent.
document.addEventListener("change", (event) => {
  const input = event.target;
  if (!input.matches?.("input[type=file][data-most]")) return;
  input.parentElement.querySelector("[data-too-large]")?.remove();
  if ([...input.files].every((file) => file.size <= Number(input.dataset.most))) return;
  input.value = "";
  const said = document.createElement("p");
  said.className = "error";
  said.dataset.tooLarge = "";
  said.setAttribute("role", "alert");
  said.textContent = input.dataset.tooLargeText;
  input.after(said);
});

// Demo log-ins fill the form.
for (const button of document.querySelectorAll("[data-login]")) {
  button.addEventListener("click", () => {
    const form = document.querySelector("form[data-login-form]");
    form.elements.username.value = button.dataset.login;
    form.elements.password.value = button.dataset.password;
    form.querySelector("[type=submit]").focus();
  });
}
