// Sets the theme before anything is painted. A classic script, because modules run late.
(function () {
  let chosen = null;
  try {
    chosen = localStorage.getItem("triaged.theme");
  } catch {
    // A browser without storage follows the system.
  }
  if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
})();
