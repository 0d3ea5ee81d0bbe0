// A matrix from text: lists of Python, what NumPy, torch and MATLAB take and print, LaTeX, and the
// cells of a spreadsheet. Nothing is evaluated, and every step is linear in the text.

const blank = (t) => t.trim() === "";
const no = (text) => { throw new Error(`${text}. A matrix can be pasted from Python, NumPy, MATLAB, LaTeX or a spreadsheet`); };
const lines = (t) => t.split(/[;\n]/).filter((row) => !blank(row));
function cells(row) {
  if (!row.includes(",")) return row.trim().split(/\s+/);
  const list = row.split(",");
  return blank(list.at(-1)) ? list.slice(0, -1) : list; // [1, 2,]
}

// [[1, 2], [3, 4]] or [1 2; 3 4], with round brackets as well.
function bracketed(t) {
  const rows = [];
  let depth = 0, part = "", deep = false;
  const between = () => { if (!/^[\s,]*$/.test(part)) no(`“${part.trim().slice(0, 12)}” stands outside of the rows`); part = ""; };
  for (const c of t) {
    if ("[(".includes(c)) {
      if (++depth > 2) no("There are more than two levels of brackets");
      if (depth === 2) deep = true;
      between();
    } else if ("])".includes(c)) {
      if (--depth < 0) no("A bracket is closed that was never opened");
      if (depth === 1) { rows.push(cells(part)); part = ""; }
      if (!depth && !deep) { rows.push(...lines(part).map(cells)); part = ""; }
    } else part += c;
  }
  between();
  if (depth) no("A bracket is never closed");
  return rows;
}

// What stands between \begin{pmatrix} and its end.
function latex(t) {
  const [, name, body = ""] = /\\begin\{([pbBvV]?matrix|array)\}(.*)/s.exec(t) ?? [], end = body.indexOf(`\\end{${name}}`);
  if (end < 0) no("This is no matrix of LaTeX");
  if (body.includes("\\begin")) no("There is more than one matrix");
  const number = (c) => c.replace(/\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}/, "$1/$2");
  return body.slice(0, end).replace(/^\{[clr|]*\}/, "").replaceAll("\\hline", "").split("\\\\").filter((row) => !blank(row)).map((row) => row.split("&").map(number));
}

// `number`: text -> number or null; `most`: [rows, columns]. Throws an Error that says what is wrong.
export function readMatrix(text, number, most) {
  if (text.length > 9999) no("The text is too long");
  let t = text.replaceAll("\r", "");
  const printed = /^\s*(?:\w+\s*=\s*)?(?:\w+\.)?(?:array|tensor|matrix)\(/.test(t);
  if (printed) t = t.slice(t.indexOf("["), t.lastIndexOf("]") + 1); // without dtype=... and the last bracket
  else t = t.replace(/^\s*\w+\s*=/, "").replace(/;\s*$/, "");
  const rows = t.includes("\\begin") ? latex(t) : /[[(\])]/.test(t) ? bracketed(t)
    : t.includes("\t") ? t.split("\n").filter((row) => !blank(row)).map((row) => row.split("\t")) : lines(t).map(cells);
  if (!rows.length || !rows[0].length) no("There is no number in it");
  const found = rows.map((row, i) => row.map((cell, j) => number(cell) ?? no(`“${cell.trim().slice(0, 12)}” (row ${i + 1}, column ${j + 1}) is not a number`)));
  const odd = found.findIndex((row) => row.length !== found[0].length);
  if (odd > 0) no(`Row ${odd + 1} has another length (${found[odd].length}) than row 1 (${found[0].length})`);
  if (found.length > most[0] || found[0].length > most[1]) no(`It has ${found.length} × ${found[0].length} numbers, and ${most.join(" × ")} fit in here`);
  return found;
}
