"use strict";
// Sorting and finding; without it the table is there all the same, in the order of the clips' names.
(() => {
  const table = document.getElementById("clips");
  if (!table) return;
  const body = table.tBodies[0], rows = [...body.rows];
  const by = document.getElementById("by"), turn = document.getElementById("turn");
  const find = document.getElementById("find"), shown = document.getElementById("shown");
  const heads = [...table.querySelectorAll("thead [data-by]")];
  const words = new Intl.Collator(undefined, { numeric: true });
  let down = false;

  function compare(a, b) {
    const x = a.dataset[by.value], y = b.dataset[by.value];
    if ((x === "") !== (y === "")) return x === "" ? 1 : -1; // unknown ones last, whichever way
    const numbers = x !== "" && !isNaN(x) && !isNaN(y);
    const order = numbers ? x - y : words.compare(x, y);
    return (down ? -order : order) || words.compare(a.dataset.file, b.dataset.file);
  }
  function sort() {
    body.append(...rows.sort(compare));
    turn.setAttribute("aria-pressed", down);
    for (const head of heads) {
      if (head.dataset.by === by.value) head.setAttribute("aria-sort", down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
  }
  function filter() {
    const wanted = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !wanted.every((word) => text.includes(word));
      count += !row.hidden;
    }
    shown.textContent = wanted.length ? `${count} of ${rows.length}` : "";
  }
  for (const head of heads) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => {
      down = by.value === head.dataset.by && !down;
      by.value = head.dataset.by;
      sort();
    });
    head.append(button);
  }
  by.addEventListener("change", () => { down = false; sort(); });
  turn.addEventListener("click", () => { down = !down; sort(); });
  find.addEventListener("input", filter);
  document.getElementById("tools").addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("tools").hidden = false;
})();
