// Applies the remembered theme before the first paint. A classic script, so that the page waits for it.
// No entry means: as the system says.
"use strict";
try {
  const theme = localStorage.getItem("spanscope.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be forbidden (an embed in a sandbox): the system's theme it is.
}
