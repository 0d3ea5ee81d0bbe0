// A built page, made ready for publish/tools/pdf.py: `text` without its solutions, then `solutions` alone.
// Links to pages of the site become `book:page#anchor`; `site` is the address for files beside them, or empty.
async ({ part, name, site }) => {
  const article = document.querySelector("article.text");
  const all = selector => [...article.querySelectorAll(selector)];
  const make = (tag, text, href) => {
    const made = document.createElement(tag);
    if (href) made.href = href;
    made.append(text);
    return made;
  };
  const number = text => text.match(/\d+/)?.[0];
  const title = article.querySelector("h1").cloneNode(true);
  title.querySelector(".headerlink")?.remove();

  if (part === "text") {
    document.querySelector(".foot")?.remove();
    for (const fold of all("details.fold")) fold.open = true; // its title is that of a paragraph
    for (const widget of all("[data-widget]")) { // pdf.py lets none start
      widget.innerHTML = widget.querySelector("noscript").textContent;
      widget.dataset.ready = "still";
    }
    const home = new URL("/", location).href;
    for (const link of all("a[href]")) {
      const url = new URL(link.href);
      if (url.href.startsWith(`${home}`) && url.pathname.endsWith(".html"))
        link.href = `book:${url.pathname.slice(1, -".html".length)}${url.hash}`;
      else if (url.origin === location.origin && site) link.href = site + url.pathname;
      else if (url.origin === location.origin) link.removeAttribute("href");
    }
    const solved = new Set(all(".solution > summary").map(summary => number(summary.textContent)));
    for (const exercise of all(".exercise")) {
      const n = number(exercise.querySelector(".exercise-number").textContent);
      if (!solved.has(n)) continue;
      exercise.append(make("p", make("a", "Solution in the appendix", `book:${name}#solution-${n}`)));
    }
  } else {
    const parts = [make("h1", `Solutions: ${title.textContent}`)];
    const exercises = new Map(all(".exercise").map(
      exercise => [number(exercise.querySelector(".exercise-number").textContent), exercise]));
    for (const solution of all(".solution")) {
      const summary = solution.querySelector("summary"), n = number(summary.textContent);
      const exercise = exercises.get(n);
      const words = `Exercise ${n}: ${exercise.querySelector(".exercise-name").textContent}`;
      const head = make("h2", make("a", words, `book:${name}#${exercise.id}`));
      head.id = `solution-${n}`;
      summary.remove();
      for (const fold of solution.querySelectorAll("details.hide")) {
        fold.querySelector("summary").remove();
        fold.replaceWith(...fold.childNodes);
      }
      const section = make("section", head);
      section.append(...solution.childNodes);
      parts.push(section);
    }
    article.replaceChildren(...parts);
  }

  // Chromium notes the places that links of the same page lead to. So every place gets such a link.
  document.querySelector("nav.places")?.remove();
  const places = document.createElement("nav");
  places.className = "places";
  places.style.cssText = "position: absolute; width: 0; height: 0; overflow: hidden";
  for (const target of all("[id]"))
    places.append(make("a", "", `#${encodeURIComponent(target.id)}`));
  article.append(places);

  for (const image of document.images) image.loading = "eager";
  await Promise.allSettled([...document.images].map(image => image.decode()));
  await document.fonts.ready;
  return { title: title.textContent.trim(), solutions: all(".solution").length };
}
