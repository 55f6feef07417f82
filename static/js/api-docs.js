// The OpenAPI document as a page; what is tried there goes out with the session of the person who looks.
const place = document.getElementById("api-docs");
window.SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  presets: [window.SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  validatorUrl: null,
  requestInterceptor(request) {
    if (request.method && request.method !== "GET") request.headers["X-CSRFToken"] = place.dataset.csrf;
    return request;
  },
});

// The component has a dark theme of its own, which a class on the page switches on.
const device = window.matchMedia("(prefers-color-scheme: dark)");
const follow = () => {
  const theme = document.documentElement.dataset.bsTheme;
  document.documentElement.classList.toggle("dark-mode", theme === "dark" || (theme !== "light" && device.matches));
};
device.addEventListener("change", follow);
follow();
