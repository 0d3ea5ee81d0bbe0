// The marking page: keys, saving by itself, and what to do when two write at once.
// Nothing is made into HTML here: texts are only ever set as text.

const main = document.querySelector('main');
const at = id => document.getElementById(id);
const form = at('rubric');
const status = at('status');
const trouble = at('trouble');
const lines = form ? [...form.querySelectorAll('input[type=checkbox]')] : [];
const number = line => line.closest('.line').querySelector('input[type=number]');

// -- formulas: KaTeX makes MathML of them; without it they stay as they were typed

for (const place of document.querySelectorAll('.math')) {
  if (!window.katex) break;
  const source = place.textContent;
  try {
    katex.render(source, place, {
      output: 'mathml', trust: false, strict: 'ignore', maxExpand: 200, maxSize: 20,
      displayMode: place.matches('div, .block'), macros: JSON.parse(main.dataset.macros),
    });
  } catch {
    place.textContent = source;
  }
}

// -- saving: one request at a time, always with the latest state of the form

const WAIT = 700; // milliseconds after the last key in a text
let timer = null;
let running = null; // the request under way
let dirty = false;
let blocked = false; // until the marker has decided what becomes of a conflict
let kind = main.dataset.untouched ? 'comment' : 'mark'; // a comment alone leaves it open

async function post(path, said) {
  const response = await fetch(path, {
    method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(said),
  });
  const answer = await response.json();
  return {code: response.status, ...answer};
}

function tell(text) {
  if (status) status.textContent = text;
}

function ask(text, ...choices) {
  trouble.replaceChildren();
  const told = document.createElement('p');
  told.textContent = text;
  trouble.append(told);
  const row = document.createElement('p');
  row.className = 'buttons';
  for (const [name, act] of choices) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = name;
    button.addEventListener('click', act);
    row.append(button);
  }
  trouble.append(row);
  trouble.hidden = false;
}

function where() {
  const {q, s, seen, answer, version} = main.dataset;
  return {q, s, seen, answer, version};
}

function state() {
  const points = Object.fromEntries(lines.map(l => [l.dataset.text, number(l).valueAsNumber || 0]));
  return {points: kind === 'mark' ? points : null, comment: at('comment').value};
}

function shown(answer) {
  main.dataset.seen = answer.seen;
  at('points').textContent = answer.points;
  at('done').textContent = answer.done;
  at('meter').value = answer.done;
  const list = at('history').querySelector('ol');
  list.replaceChildren(...answer.history.map(text => {
    const item = document.createElement('li');
    item.textContent = text;
    return item;
  }));
  at('history').querySelector('summary').textContent = `History (${answer.history.length})`;
}

const STASH = `stash ${location.pathname} ${main.dataset.q} ${main.dataset.s}`;

function reloadKeeping() {
  sessionStorage.setItem(STASH, JSON.stringify(state()));
  dirty = false;
  location.reload();
}

async function write(said) {
  tell('Saving …');
  let answer;
  try {
    answer = await post('save', {...where(), ...said});
  } catch {
    blocked = true;
    tell('Not saved');
    ask('The server of this page does not answer, so this is not saved. What you entered is ' +
      'still here. Start `make mark` again in the same folder if it has ended.',
      ['Try again', () => { trouble.hidden = true; blocked = false; save(said); }]);
    return false;
  }
  if (answer.code === 200) {
    trouble.hidden = true;
    shown(answer);
    tell(`Saved ${answer.at}`);
    return true;
  }
  blocked = true;
  tell('Not saved');
  if (answer.conflict === 'marks') {
    ask(`${answer.error} What you entered is still here.`,
      ['Keep theirs, load them', () => { dirty = false; location.reload(); }],
      ['Save mine after theirs', () => {
        main.dataset.seen = answer.seen;
        trouble.hidden = true;
        blocked = false;
        save(said);
      }]);
  } else if (answer.conflict) {
    ask(`${answer.error} What you entered is still here.`,
      ['Load the new version, keep what I entered', reloadKeeping]);
  } else {
    ask(`${answer.error} What you entered is still here.`,
      ['Try again', () => { trouble.hidden = true; blocked = false; save(said); }]);
  }
  return false;
}

// Save what stands in the form, or `said`; true when everything is on the disk.
async function save(said = null) {
  clearTimeout(timer);
  timer = null;
  while (running) await running;
  if (blocked) return false;
  if (!dirty && !said) return true;
  if (!said || said.kind === 'mark') {
    said = {kind: 'mark', ...state()};
    dirty = false;
  }
  running = write(said);
  const good = await running;
  running = null;
  if (!good) dirty = true;
  return good;
}

function changed(wait = 0) {
  dirty = true;
  clearTimeout(timer);
  if (wait) timer = setTimeout(save, wait);
  else save();
}

function count() {
  let sum = 0;
  for (const line of lines) sum += number(line).valueAsNumber || 0;
  const most = Number(form.dataset.most);
  at('points').textContent = `${+sum.toFixed(4)} of ${most}`;
}

function given() { // of points, or none: from now on it is marked
  kind = 'mark';
  count();
  changed();
}

if (form) {
  form.addEventListener('submit', event => event.preventDefault());
  for (const line of lines) {
    line.addEventListener('change', () => {
      number(line).value = line.checked ? line.dataset.points : 0;
      given();
    });
    number(line).addEventListener('change', () => {
      if (!number(line).reportValidity()) return;
      line.checked = Boolean(number(line).valueAsNumber);
      given();
    });
  }
  at('comment').addEventListener('input', () => changed(WAIT));
  at('comment').addEventListener('blur', () => { if (dirty) save(); });
  at('none-right').addEventListener('click', none);
  at('hold')?.addEventListener('click', given);
  const kept = sessionStorage.getItem(STASH);
  if (kept) {
    sessionStorage.removeItem(STASH);
    const {points, comment} = JSON.parse(kept);
    for (const line of lines) {
      const was = points?.[line.dataset.text];
      if (was === undefined) continue;
      number(line).value = was;
      line.checked = Boolean(was);
    }
    at('comment').value = comment;
    count();
    ask('This is what you had entered. It is not saved for this version yet.',
      ['Save it', () => { trouble.hidden = true; if (points) kind = 'mark'; changed(); }]);
  }
}

function none() {
  for (const line of lines) {
    line.checked = false;
    number(line).value = 0;
  }
  given();
}

async function reopen() {
  if (!(await save())) return;
  if (await save({kind: 'withdrawn'})) location.reload();
}

at('reopen')?.addEventListener('click', reopen);

at('override')?.addEventListener('submit', async event => {
  event.preventDefault();
  if (form && !(await save())) return;
  const points = at('override-points').valueAsNumber;
  const why = at('override-why').value;
  const said = {kind: 'override', points, why, comment: form ? at('comment').value : ''};
  if (await save(said)) location.reload();
});

at('override')?.addEventListener('keydown', event => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) at('override').requestSubmit();
});

addEventListener('beforeunload', event => {
  if (dirty || running) event.preventDefault();
});

// -- comments to reuse

const reuse = at('reuse');

function item(text) {
  const made = document.createElement('li');
  for (const [name, label] of [['insert', text], ['drop', '×']]) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = name;
    button.textContent = label;
    if (name === 'drop') button.setAttribute('aria-label', `Take out of the list: ${text}`);
    made.append(button, ' ');
  }
  return made;
}

async function list(said) {
  try {
    const answer = await post('comments', said);
    if (answer.code !== 200) return ask(answer.error, ['Close', () => { trouble.hidden = true; }]);
    reuse.replaceChildren(...answer.comments.map(item));
    tell(said.drop ? 'Taken out of the list' : 'Kept for reuse');
  } catch {
    ask('The server of this page does not answer; the list is unchanged.',
      ['Close', () => { trouble.hidden = true; }]);
  }
}

function goOn(box) { // behind what stands there
  box?.focus();
  box?.setSelectionRange(box.value.length, box.value.length);
}

function insert(text) {
  const box = at('comment');
  box.value = box.value.trim() ? `${box.value.trimEnd()}\n${text}` : text;
  goOn(box);
  changed();
}

function keep() {
  const text = at('comment').value.trim();
  if (text) list({text, drop: false});
  else tell('There is no comment to keep');
}

at('keep')?.addEventListener('click', keep);
reuse?.addEventListener('click', event => {
  const button = event.target.closest('button');
  if (!button) return;
  const text = button.closest('li').querySelector('.insert').textContent;
  if (button.className === 'insert') insert(text);
  else list({text, drop: true});
});
reuse?.addEventListener('keydown', event => {
  const all = [...reuse.querySelectorAll('.insert')];
  const k = all.indexOf(document.activeElement);
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    const step = event.key === 'ArrowDown' ? 1 : all.length - 1;
    all[(k + step + all.length) % all.length]?.focus();
  } else if (/^[1-9]$/.test(event.key) && all[event.key - 1]) {
    insert(all[event.key - 1].textContent);
  } else if (event.key === 'Escape') {
    main.focus();
  } else {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
});

// -- decisions about regrade requests

for (const decide of document.querySelectorAll('form.decide')) {
  decide.addEventListener('submit', async event => {
    event.preventDefault();
    const told = decide.querySelector('.said-here');
    const points = {};
    for (const field of decide.querySelectorAll('[data-task]'))
      points[field.dataset.task] = field.valueAsNumber;
    const {request, seen} = decide.dataset;
    const why = decide.querySelector('textarea').value;
    try {
      const said = {request, seen, outcome: event.submitter.value, why, points};
      const answer = await post('decide', said);
      if (answer.code === 200) location.reload();
      else told.textContent = answer.error;
    } catch {
      told.textContent = 'The server of this page does not answer, so nothing is saved.';
    }
  });
}

// -- from one to the next

async function go(address) {
  if (!address) return tell('There is no other one');
  if (form && !(await save())) return trouble.querySelector('button')?.focus();
  location.assign(address);
}

for (const id of ['before', 'next', 'next-open'])
  at(id)?.addEventListener('click', event => {
    event.preventDefault();
    go(at(id).getAttribute('href'));
  });
at('only-open')?.addEventListener('change', () => go(main.dataset.flipOpen));
at('anonymous')?.addEventListener('change', () => go(main.dataset.flipAnon));

const href = id => at(id)?.getAttribute('href');
const KEYS = {
  j: () => go(href('next')),
  ArrowRight: () => go(href('next')),
  k: () => go(href('before')),
  ArrowLeft: () => go(href('before')),
  n: () => go(href('next-open')),
  o: () => go(main.dataset.flipOpen),
  a: () => go(main.dataset.flipAnon),
  ']': () => go(main.dataset.questionNext),
  '[': () => go(main.dataset.questionBefore),
  c: () => goOn(at('comment')),
  r: () => reuse?.querySelector('.insert')?.focus() ?? tell('There are no comments to reuse yet'),
  s: () => form && keep(),
  u: () => at('reopen') && !at('reopen').disabled && reopen(),
  p: () => {
    if (at('override-box')) at('override-box').open = true;
    at('override-points')?.focus();
  },
  0: () => form && none(),
  h: () => at('hold')?.click(),
  '?': () => {
    const keys = document.querySelector('.keys').closest('details');
    keys.open = true;
    keys.scrollIntoView();
    keys.querySelector('summary').focus();
  },
};
for (let k = 1; k < 10; k++) KEYS[k] = () => lines[k - 1]?.click();

const use = at('use-keys');
if (use) {
  use.checked = localStorage.getItem('keys') !== 'off';
  use.addEventListener('change', () => localStorage.setItem('keys', use.checked ? 'on' : 'off'));
}

document.addEventListener('keydown', event => {
  const field = event.target.closest('textarea, input[type=number], select');
  if (event.key === 'Escape' && field) return main.focus({preventScroll: true});
  if (field || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (use && !use.checked || !main.dataset.q && !at('none') || !(event.key in KEYS)) return;
  if (form?.querySelector('fieldset')?.disabled && !/^[jknoa[\]?]$|Arrow/.test(event.key)) return;
  event.preventDefault();
  if (!event.repeat) KEYS[event.key]();
});
