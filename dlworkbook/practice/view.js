// Practice on a page: draws problems, judges with the boxes of the answers, shows the steps one by
// one. The page holds controls, a first problem and one empty box of each kind
// (publish/site/practice.py). What is shown stands in the address: ?practice=family.level.seed.
// A family is fetched when the problems come near the window, or when a link or a control asks for it.
// A page with practice loads this in place of the script of the answers, which is part of it.

import {} from "../answers/view.js";
import { forget, load } from "../answers/store.js";
import { addressed } from "../widgets/kit/address.js";
import { copyLink } from "../widgets/kit/frame.js";
import { nearing } from "../widgets/kit/near.js";
import { make } from "./engine.js";
import { MOST_SEED, box, built, fetched, reachable, stepwise, taughtOn } from "./parts.js";
import { blocksOf } from "./show.js";

function practise(place, n) {
  const { families, counts } = JSON.parse(place.querySelector("script").textContent);
  const find = (part) => place.querySelector(`.practice-${part}`);
  const [family, level, told, shown, boxes, steps, more, taught] = ["family", "level", "told", "problem", "boxes", "steps", "more", "taught"].map(find);
  const address = addressed(n ? `practice-${n + 1}` : "practice", place.id);
  const names = Object.keys(families);
  let now = { family: names[0], level: 1, seed: 1 };
  let problem = null;
  const text = () => `${now.family}.${now.level}.${now.seed}`;

  // What a link asks for; null if that is none of the problems here.
  function read(link) {
    const [, name, lev, seed] = /^([a-z0-9_]+)\.([1-9])\.(\d{1,9})$/.exec(link) ?? [];
    return names.includes(name) && lev in families[name].levels ? { family: name, level: Number(lev), seed: Number(seed) } : null;
  }

  function controls() {
    if (family) family.value = now.family;
    level.replaceChildren(...Object.entries(families[now.family].levels).map(([k, words]) => new Option(`${k}: ${words}`, k)));
    level.value = String(now.level);
  }

  const opens = stepwise(steps, more), near = nearing(() => show());

  async function show(changes = {}, words = "") {
    near.unobserve(place);
    now = { ...now, ...changes };
    const asked = text();
    controls();
    try {
      const known = await fetched(now.family, families[now.family].version);
      if (asked !== text()) return; // meanwhile something else was chosen
      problem = make(known, now.level, now.seed);
    } catch (error) {
      told.textContent = error.message;
      return;
    }
    shown.replaceChildren(...built(problem.statement.flatMap(blocksOf)));
    reachable(shown);
    const page = `practice/${place.id}`; // of the answers: only the last problem's are kept
    if (!Object.keys(load(page)).some((answer) => answer.startsWith(`${asked}.`))) forget(page);
    boxes.replaceChildren(...problem.fields.map((field, k) => box(place.querySelector("template"), field, `${place.id}-box-${k + 1}`, counts, { page, answer: `${asked}.${k + 1}` })));
    opens(problem.steps);
    told.textContent = `${words}Problem ${now.seed}, about ${problem.minutes} min.`;
    taught.replaceChildren(...taughtOn(families[now.family].taught));
    place.dataset.shows = asked;
    if (changes.seed !== undefined || changes.level || changes.family) address.write(asked);
  }

  const fresh = () => 1 + Math.floor(Math.random() * MOST_SEED);
  family?.addEventListener("change", () => show({ family: family.value, level: Number(level.value) in families[family.value].levels ? now.level : 1, seed: fresh() }));
  level.addEventListener("change", () => show({ level: Number(level.value), seed: fresh() }));
  find("new").addEventListener("click", () => show({ seed: fresh() }, "New numbers. "));
  const { copy, said } = copyLink(() => address.link(text()));
  find("buttons").append(copy, said);
  const link = address.read();
  const linked = link === null ? null : read(link);
  if (link === null) near.observe(place);
  else show(linked ?? {}, linked ? "" : "The link names no problem that is here; this is the first one. ");
  for (const control of place.querySelectorAll("button, select")) control.disabled = false;
}

[...document.querySelectorAll("[data-practice]")].forEach(practise);
