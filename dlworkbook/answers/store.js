// What a reader has answered, in this browser only: one entry of localStorage for each page, which
// maps the ids of answers to {text, tried, state, tries} (a prediction: {text, kept}). `text` is
// what stands in the field, `tried` what was judged last. Where nothing may be stored (a private
// window), it is kept as long as the page is open.

const PREFIX = "dlworkbook:answers:";
const JUDGED = ["right", "slip", "wrong"];
const FIELDS = { text: "string", tried: "string", kept: "string", state: "string", tries: "number" };
const passing = new Map(); // page -> text, where nothing may be stored

const attempt = (act, otherwise) => { try { return act(); } catch { return otherwise; } };

// An entry as it may be: only known fields, of the right type. null if there is none of them.
function sound(entry) {
  const found = {};
  for (const [name, type] of Object.entries(FIELDS)) if (typeof entry?.[name] === type) found[name] = entry[name];
  return Object.keys(found).length ? found : null;
}

// {id: entry} from the text of one page, with nothing in it but entries.
export function entriesOf(data) {
  const found = Object.create(null); // an id may be called constructor
  if (!data || typeof data !== "object" || Array.isArray(data)) return found;
  for (const id of Object.keys(data)) {
    const entry = sound(data[id]);
    if (entry) found[id] = entry;
  }
  return found;
}

export function load(page) {
  const text = attempt(() => localStorage.getItem(PREFIX + page), null) ?? passing.get(page);
  return entriesOf(attempt(() => JSON.parse(text), null));
}

// Whether the browser keeps it.
export function save(page, entries) {
  const text = JSON.stringify(entries);
  passing.set(page, text);
  return attempt(() => { localStorage.setItem(PREFIX + page, text); return true; }, false);
}

// Changes one entry; another tab may have changed others meanwhile.
export function keep(page, id, changes) {
  const entries = load(page);
  entries[id] = { ...entries[id], ...changes };
  save(page, entries);
}

export function pages() {
  const keys = attempt(() => Object.keys(localStorage), []).filter((key) => key.startsWith(PREFIX));
  return keys.map((key) => key.slice(PREFIX.length)).sort();
}

export function forget(page) {
  passing.delete(page);
  attempt(() => localStorage.removeItem(PREFIX + page));
}

// Fills each place that waits for progress: data-progress="page:answers page:answers".
export function showProgress() {
  for (const place of document.querySelectorAll("[data-progress]")) {
    const sum = { of: 0, checked: 0, right: 0 };
    for (const part of place.dataset.progress.split(" ")) {
      const [page, of] = part.split(":");
      const states = Object.values(load(page)).map((entry) => entry.state); // a prediction has none
      // A page may have fewer answers than when it was worked through.
      sum.of += Number(of);
      sum.checked += Math.min(of, states.filter((state) => JUDGED.includes(state)).length);
      sum.right += Math.min(of, states.filter((state) => state === "right").length);
    }
    const right = sum.right === sum.checked ? "all right" : `${sum.right} right`;
    if (sum.checked) place.textContent = `${sum.checked} of ${sum.of} checked, ${right}`;
    else place.textContent = place.classList.contains("needs-js") ? `0 of ${sum.of} checked` : "";
  }
}

export function followProgress() {
  showProgress();
  addEventListener("storage", showProgress); // from another tab
  addEventListener("pageshow", showProgress); // from the browser's memory of pages
}
