// Draws every [data-chart] from the option beside it, in the colours of the page.
const root = document.documentElement;
const locale = root.lang === "zh-hans" ? "zh-Hans-CN" : root.lang || "en";
const drawn = new Map();

const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
const steps = locale.startsWith("zh") ? [[1e8, "亿"], [1e4, "万"]] : [[1e6, "M"], [1e3, "k"]];

// As core.money.short_text writes it: 24.5 M, 412 k, 2,450 万.
const short = (value) => {
  const [size, unit] = steps.find(([step]) => Math.abs(value) >= step) ?? [1, ""];
  return unit ? `${tenth.format(value / size)} ${unit}` : whole.format(value);
};
const share = (value) => `${tenth.format(value * 100)} %`;

// name -> [as the label of an axis or a mark, in full for the tooltip]
const formats = {
  money: [short, (value) => whole.format(value)],
  integer: [(value) => whole.format(value), (value) => whole.format(value)],
  percent: [share, share],
};

const numberOf = (given) => {
  const value = given !== null && typeof given === "object" && !Array.isArray(given) ? given.value : given;
  return Number(Array.isArray(value) ? value.at(-1) : value);
};
const formatter = (name, full) => (given) => {
  const value = numberOf(given);
  return Number.isFinite(value) ? formats[name][full ? 1 : 0](value) : "–";
};

// A custom property may be light-dark(): only a computed colour says which.
const probe = document.createElement("span");
probe.hidden = true;
document.body.append(probe);
const colour = (value) => {
  probe.style.color = value;
  return getComputedStyle(probe).color;
};

// Replaces names of formats by functions and var(--x) by its colour, on a copy.
const prepare = (node, key = "") => {
  if (Array.isArray(node)) return node.map((item) => prepare(item, key));
  if (node !== null && typeof node === "object") {
    return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, prepare(value, name)]));
  }
  if (typeof node !== "string") return node;
  if ((key === "formatter" || key === "valueFormatter") && node in formats) return formatter(node, key === "valueFormatter");
  return node.startsWith("var(--") ? colour(node) : node;
};

const look = () => {
  const [ink, ink2, line, paper, accent, quiet, warn, good, bad] = ["ink", "ink-2", "line", "paper", "accent", "quiet", "warn", "good", "bad"]
    .map((name) => colour(`var(--${name})`));
  const words = { color: ink2, fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 11.5 };
  const axis = {
    axisLine: { show: false, lineStyle: { color: line } },
    axisTick: { show: false },
    axisLabel: { ...words, hideOverlap: true },
    splitLine: { lineStyle: { color: line } },
    nameTextStyle: { ...words },
  };
  return {
    color: [accent, quiet, ink2, warn, good, bad],
    textStyle: words,
    backgroundColor: "transparent",
    categoryAxis: { ...axis, axisLine: { show: true, lineStyle: { color: line } }, splitLine: { show: false } },
    valueAxis: axis,
    logAxis: axis,
    timeAxis: axis,
    legend: { textStyle: words, itemWidth: 11, itemHeight: 11, itemGap: 14, icon: "roundRect", inactiveColor: line },
    tooltip: {
      backgroundColor: paper, borderColor: line, borderWidth: 1, padding: [8, 10], shadowBlur: 0, shadowColor: "transparent",
      textStyle: { ...words, color: ink, fontSize: 12.5 },
      axisPointer: { lineStyle: { color: ink2 }, shadowStyle: { color: "rgba(128,140,155,.10)" }, crossStyle: { color: ink2 } },
    },
    bar: { emphasis: { disabled: true }, itemStyle: { borderRadius: [2, 2, 0, 0] }, barMaxWidth: 28 },
    line: { symbol: "circle", symbolSize: 5, lineStyle: { width: 2 } },
    radar: { axisName: words, splitArea: { show: false }, splitLine: { lineStyle: { color: line } }, axisLine: { lineStyle: { color: line } } },
    visualMap: { textStyle: words, inRange: { color: [colour("var(--accent-soft)"), accent] } },
    heatmap: { itemStyle: { borderColor: paper, borderWidth: 2, borderRadius: 4 } },
  };
};

// Loads the library once, and only on a page with a chart.
let library;
const echarts = () => {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = document.querySelector("meta[name=charts]").content;
    script.onload = () => resolve(window.echarts);
    script.onerror = reject;
    document.head.append(script);
  });
  return library;
};

const still = window.matchMedia("(prefers-reduced-motion: reduce)");
const draw = (place, lib) => {
  drawn.get(place)?.dispose();
  const option = prepare(JSON.parse(document.getElementById(place.dataset.chart).textContent));
  option.tooltip = { confine: true, renderMode: "richText", axisPointer: { type: "shadow" }, ...option.tooltip };
  option.grid ??= { left: 8, right: 10, top: option.legend ? 34 : 16, bottom: 6, outerBoundsMode: "same", outerBoundsContain: "axisLabel" };
  if (option.legend) option.legend = { left: "auto", right: 6, top: 0, ...option.legend };
  option.animation ??= !still.matches;
  option.animationDuration ??= 250;
  option.aria = { enabled: false };
  const chart = lib.init(place, look(), { renderer: "canvas" });
  chart.setOption(option);
  chart.on("click", ({ data }) => data?.url && window.location.assign(data.url));
  drawn.set(place, chart);
  place.dataset.drawn = "";
};

const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) drawn.get(target)?.resize();
});
const drawAll = async (within = document) => {
  const places = [...within.querySelectorAll("[data-chart]")].filter((place) => !drawn.has(place));
  if (!places.length) return;
  const lib = await echarts();
  for (const place of places) {
    if (!place.isConnected || drawn.has(place)) continue;
    draw(place, lib);
    sizes.observe(place);
  }
};
const redraw = async () => {
  if (!drawn.size) return;
  const lib = await echarts();
  for (const place of drawn.keys()) draw(place, lib);
};

document.addEventListener("htmx:load", (event) => drawAll(event.target.parentElement ?? document));
document.addEventListener("htmx:beforeCleanupElement", (event) => {
  const chart = drawn.get(event.target);
  if (chart) {
    sizes.unobserve(event.target);
    chart.dispose();
    drawn.delete(event.target);
  }
});
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
new MutationObserver(redraw).observe(root, { attributeFilter: ["data-bs-theme"] });

// Paper is white.
let before;
window.addEventListener("beforeprint", () => {
  before = root.dataset.bsTheme;
  root.dataset.bsTheme = "light";
  if (window.echarts) for (const place of drawn.keys()) draw(place, window.echarts);
});
window.addEventListener("afterprint", () => (root.dataset.bsTheme = before));
drawAll();
