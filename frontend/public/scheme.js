// Runs before the first paint, so that a dark screen never flashes white. The stored value is a taste, not a secret.
(() => {
  let chosen = "auto";
  try {
    chosen = localStorage.getItem("fossawork-scheme") || "auto";
  } catch {
    // Storage may be switched off: then the system's own setting counts.
  }
  const dark =
    chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
})();
