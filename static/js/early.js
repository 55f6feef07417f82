// Runs before the first paint, so that a folded navigation does not jump.
document.documentElement.classList.add("js");
try {
  if (localStorage.getItem("qudao.nav") === "narrow") document.documentElement.classList.add("nav-narrow");
} catch {
  // Storage may be switched off; the navigation is then wide.
}
