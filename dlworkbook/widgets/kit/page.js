// What the mock interview and the trial exam do with their page.

export const every = (selector, from = document) => [...from.querySelectorAll(selector)];
export const counted = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

// Prints a sheet alone, which leaves the page when that is done.
export function onPaper(text, sheet) {
  const root = document.documentElement;
  text.append(sheet);
  root.classList.add("mock-print");
  addEventListener("afterprint", () => {
    root.classList.remove("mock-print");
    sheet.remove();
  }, { once: true });
  window.print();
}
