// Sets the scheme before the first paint, so that a dark page never flashes white. It is a file of its own because
// the content security policy allows no inline script.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("holdfast-shop-scheme");
  } catch {
    // Storage can be forbidden; then the system decides.
  }
  const isDark =
    chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", isDark ? "dark" : "light");
})();
