// A matrix from text: lists of Python, what NumPy, torch and MATLAB take and print, LaTeX, and the
// cells of a spreadsheet. Nothing is evaluated.

const no = (text) => { throw new Error(`${text}. A matrix can be pasted from Python, NumPy, MATLAB, LaTeX or a spreadsheet`); };

// Between \begin{pmatrix} and its end rows become lines, and cells are parted by tabs.
function latex(t) {
  const [, name, body = ""] = /\\begin\{(\w?matrix|array)\}(.*)/s.exec(t) ?? [], end = body.indexOf(`\\end{${name}}`);
  if (end < 0) no("This is no matrix of LaTeX");
  if (body.includes("\\begin")) no("There is more than one matrix");
  return body.slice(0, end).replace(/^\{[clr|]*\}|\\hline|\n/g, "").replaceAll("\\\\", "\n").replaceAll("&", "\t").replace(/\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}/g, "$1/$2");
}

// Rows in brackets become lines.
function lists(t) {
  const marks = t.replace(/[^[\]]/g, "");
  if (!/^\[(\[\])*\]$/.test(marks) || (marks.length > 2 && /^\s*\[\s*[^\s[]|\][^[\],]*[^\s[\],]/.test(t.replace(/\]\s*$/, "")))) no("The brackets are not those of a matrix");
  return (marks.length > 2 ? t.replaceAll("\n", " ") : t).replace(/\][\s,]*\[/g, "\n").replace(/[[\]]/g, "");
}

// `number`: text -> number or null; `most`: [rows, columns]. Throws an Error that says what is wrong.
export function readMatrix(text, number, most) {
  if (text.length > 9999) no("The text is too long");
  let t = text.replaceAll("\r", "").replace(/^\s*\w+\s*=/, "").replace(/;\s*$/, "");
  if (/^\s*(\w+\.)?(array|tensor)\(/.test(t)) t = t.slice(t.indexOf("["), t.lastIndexOf("]") + 1); // without dtype=...
  if (t.includes("\\begin")) t = latex(t);
  else if (/[()[\]]/.test(t)) t = lists(t.replaceAll("(", "[").replaceAll(")", "]"));
  const rows = t.split(/[;\n]/).filter((row) => row.trim()).map((row) => (row.includes("\t") ? row.split("\t") : row.trim().replace(/,$/, "").split(row.includes(",") ? "," : /\s+/)));
  if (!rows.length) no("There is no number in it");
  const found = rows.map((row, i) => row.map((cell, j) => number(cell) ?? no(`“${cell.trim().slice(0, 12)}” (row ${i + 1}, column ${j + 1}) is not a number`)));
  const odd = found.find((row) => row.length !== found[0].length);
  if (odd) no(`Row ${found.indexOf(odd) + 1} has another length (${odd.length}) than row 1 (${found[0].length})`);
  if (found.length > most[0] || found[0].length > most[1]) no(`It has ${found.length} × ${found[0].length} numbers, and ${most.join(" × ")} fit in here`);
  return found;
}

// Text of a cell -> number or null; fractions are welcome: 1/9. `most`: the largest size.
export function readNumber(text, most) {
  const m = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(?:\/(\d+\.?\d*))?$/i.exec(text.trim().replaceAll("−", "-").replace(/\s*\/\s*/, "/"));
  if (!m) return null;
  const v = Number(m[1]) / Number(m[2] ?? 1);
  return Number.isFinite(v) && Math.abs(v) <= most ? v : null;
}

// What a grid does with a pasted text (grid.js): a matrix is taken, a number or a word is left to the
// field, and of everything else `say` gets a sentence.
export const pasting = (number, most, take, say) => (text) => {
  if (number(text) !== null || /^\S*$/.test(text.trim())) return false;
  try { take(readMatrix(text, number, most)); } catch (error) { say(error.message); }
  return true;
};

// A setting that is a matrix, in a link: 1,2;3,4.
export const matrixText = (number, most) => ({
  text: (rows) => rows.map((row) => row.join(",")).join(";"),
  parse: (text) => (text ? readMatrix(text, number, most) : []),
});
