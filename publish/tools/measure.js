// What a reader of a built page meets, in numbers: publish/tools/measure.py says what each one is.
// On a phone (not `wide`) only the formulas are asked for. Folds are put back as they were found.
(wide) => {
  const article = document.querySelector("article.text");
  const all = selector => [...article.querySelectorAll(selector)];
  const folds = all("details"), open = folds.map(fold => fold.open);
  const put = state => folds.forEach((fold, i) => { fold.open = state(i); });

  // Formulas, with every fold open, and with all laid out that is off the screen.
  const sheet = new CSSStyleSheet(), sheets = document.adoptedStyleSheets;
  sheet.replaceSync("* { content-visibility: visible !important }");
  document.adoptedStyleSheets = [...sheets, sheet];
  put(() => true);
  const style = e => getComputedStyle(e);
  const scrolls = e => /auto|scroll/.test(style(e).overflowX);
  const isColumn = e => scrolls(e) || /block|list-item|table-cell|flex|grid/.test(style(e).display);
  const cut = all(".katex").filter(formula => {
    let box = formula.parentElement;
    while (!isColumn(box)) box = box.parentElement;
    if (scrolls(box)) return box.matches(".katex-display") && box.scrollWidth > box.clientWidth + 1;
    const room = box.getBoundingClientRect();
    return [...formula.querySelectorAll(".katex-html .base")].flatMap(e => [...e.getClientRects()])
      .some(part => part.right > room.right + 1 || part.left < room.left - 1);
  }).map(formula => formula.querySelector("annotation").textContent.trim().slice(0, 70));
  const back = () => { put(i => open[i]); document.adoptedStyleSheets = sheets; };
  if (!wide) {
    back();
    return { cut };
  }

  // The rest: as a reader finds the page who opens no fold.
  put(() => false);
  const exercises = all("section").find(s => /^Exercises\b/.test(s.querySelector("h2")?.innerText ?? ""));
  const top = article.getBoundingClientRect().top;
  const shown = e => e.checkVisibility() && !exercises?.contains(e);
  const first = (selector, apart) => {
    const found = all(selector).filter(e => shown(e) && !(apart && e.closest(apart)))
      .map(e => e.getBoundingClientRect()).filter(box => box.width > 60 && box.height > 40);
    return found.length ? Math.round(Math.min(...found.map(box => box.top)) - top) : null;
  };
  const pictures = "img, svg, canvas, figure";
  const code = all(".cell_input pre").filter(shown).map(e => e.textContent.replace(/\n+$/, "").split("\n"));
  const apart = "pre, .cell_output, [data-widget], .katex, .math, .page-facts, .page-goals, .headerlink, [data-progress], button";
  const lab = !!article.querySelector(".admonition.lab"), starter = article.querySelector(".tag_starter");
  let words = 0, above = 0;
  const texts = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const at = texts.currentNode.parentElement;
    if (at.closest(`p, li, td, figcaption`) && !at.closest(apart) && shown(at))
      words += texts.currentNode.data.split(/[\s\u2013\u2014]+/).filter(word => /[\p{L}\p{N}]/u.test(word) && !/^(URL:|https?:|doi:10)/.test(word)).length; // addresses are not read
    if (lab && starter && texts.currentNode.compareDocumentPosition(starter) & Node.DOCUMENT_POSITION_FOLLOWING)
      above = words;
  }
  // To an exercise belongs what stands before the next one: starter, check, solution.
  const tasks = all(".exercise[id]").map(task => {
    const own = [task];
    for (let e = task.nextElementSibling; e && !e.matches(".exercise"); e = e.nextElementSibling) own.push(e);
    const has = selector => own.some(e => e.matches(selector) || e.querySelector(selector));
    return has("[data-answer], .tag_check");
  });
  const result = {
    height: Math.round(article.getBoundingClientRect().height - (exercises?.getBoundingClientRect().height ?? 0)),
    picture: first(pictures, "[data-widget], summary, .headerlink"),
    widget: first("[data-widget]"), lab,
    starter: lab && starter ? Math.round(starter.getBoundingClientRect().top - top) : null,
    "to it": lab && starter ? above : null,
    words, cells: code.length, lines: code.reduce((sum, cell) => sum + cell.length, 0),
    longest: Math.max(0, ...code.map(cell => cell.length)),
    asserts: code.flat().filter(line => /^\s*(assert\b|(\w+\.)?(glue|claim|proves)\()/.test(line)).length,
    exercises: tasks.length, answered: tasks.filter(Boolean).length,
    time: [...document.querySelectorAll(".page-facts .fact")].map(e => e.textContent.trim())
      .find(text => /^Time\b/.test(text))?.replace(/^Time\s*/, "") ?? "",
    cut,
  };
  back();
  return result;
}
