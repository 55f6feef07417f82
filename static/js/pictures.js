// Makes a drawing larger and smaller: by the buttons above it, by + - 0 while it has the focus.
const STEP = 1.25;
const LEAST = 0.1;
const MOST = 4;

const size = (drawing, scale) => {
  const picture = drawing.querySelector("svg");
  const { width, height } = picture.viewBox.baseVal;
  const kept = Math.min(MOST, Math.max(LEAST, scale));
  drawing.dataset.scale = String(kept);
  picture.setAttribute("width", String(width * kept));
  picture.setAttribute("height", String(height * kept));
};

// The scale at which the whole width is seen.
const whole = (drawing) => {
  const { paddingLeft, paddingRight } = getComputedStyle(drawing);
  const room = drawing.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
  return Math.min(1, room / drawing.querySelector("svg").viewBox.baseVal.width);
};

const zoom = (drawing, step) =>
  size(drawing, step === 0 ? whole(drawing) : Number(drawing.dataset.scale || 1) * STEP ** step);

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-zoom] [data-step]");
  if (button) zoom(document.getElementById(button.closest("[data-zoom]").dataset.zoom), Number(button.dataset.step));
});

document.addEventListener("keydown", (event) => {
  const drawing = event.target.closest?.(".drawing");
  const step = { "+": 1, "=": 1, "-": -1, 0: 0 }[event.key];
  if (!drawing || step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  zoom(drawing, step);
});
