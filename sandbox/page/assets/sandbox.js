// Filters a list while one types; without this script the form asks the server.
const fold = (s) => s.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();
const search = document.querySelector("input[data-filters]");
if (search) {
  const rows = [...document.querySelectorAll(search.dataset.filters)];
  const texts = rows.map((r) => fold(r.textContent));
  search.addEventListener("input", () => {
    const words = fold(search.value).split(/\s+/);
    rows.forEach((r, i) => { r.hidden = !words.every((w) => texts[i].includes(w)); });
  });
}
