// Folds and unfolds the rows of a tree table; arrow keys walk it.
const depth = (row) => Number(row.dataset.depth);
const twist = (row) => row.querySelector("button.twist");
const isOpen = (row) => twist(row)?.getAttribute("aria-expanded") === "true";

// Shows what lies in open rows only.
const show = (tree) => {
  let shut = Infinity;
  for (const row of tree.querySelectorAll("tr[data-depth]")) {
    if (depth(row) <= shut) shut = Infinity;
    row.classList.toggle("folded", depth(row) > shut);
    if (shut === Infinity && twist(row) && !isOpen(row)) shut = depth(row);
  }
};
const set = (row, open) => {
  twist(row)?.setAttribute("aria-expanded", String(open));
  show(row.closest(".tree"));
};

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button.twist");
  if (button) set(button.closest("tr"), !isOpen(button.closest("tr")));
  const all = event.target.closest?.("[data-tree-all]");
  if (!all) return;
  const tree = all.closest(".card").querySelector(".tree");
  for (const one of tree.querySelectorAll("button.twist")) one.setAttribute("aria-expanded", all.dataset.treeAll);
  show(tree);
});

document.addEventListener("keydown", (event) => {
  const row = event.target.closest?.(".tree tr[data-depth]");
  if (!row || event.altKey || event.ctrlKey || event.metaKey || event.target.matches("input, select")) return;
  const rows = [...row.closest(".tree").querySelectorAll("tr[data-depth]:not(.folded)")];
  const place = rows.indexOf(row);
  const go = (to) => to && (twist(to) ?? to.querySelector("a")).focus();
  const keys = {
    ArrowDown: () => go(rows[place + 1]),
    ArrowUp: () => go(rows[place - 1]),
    ArrowRight: () => (twist(row) && !isOpen(row) ? set(row, true) : go(rows[place + 1])),
    ArrowLeft: () => (isOpen(row) ? set(row, false) : go(rows.slice(0, place).findLast((one) => depth(one) < depth(row)))),
  };
  if (!(event.key in keys)) return;
  event.preventDefault();
  keys[event.key]();
});

// A row that the address names is shown, wherever it lies.
const named = location.hash ? document.getElementById(location.hash.slice(1)) : null;
if (named?.matches(".tree tr")) {
  let level = depth(named);
  for (let row = named.previousElementSibling; row && level > 0; row = row.previousElementSibling) {
    if (depth(row) < level) {
      level = depth(row);
      twist(row)?.setAttribute("aria-expanded", "true");
    }
  }
  show(named.closest(".tree"));
  named.scrollIntoView({ block: "center" });
}
