/* The search page. Sphinx makes the index of words (searchindex.js) and the rules that cut words to their stems
   (language_data.js); finding, ranking and showing is done here. A result leads to the section that holds the words,
   and asks the browser to mark them there (a text fragment), so that no mark outlives the visit and nothing is stored.

   Words are looked up in Maps: in a plain object "constructor" and "__proto__" are found in every book. */
(function () {
  "use strict";
  var root = document.documentElement.dataset.content_root;
  var out = document.getElementById("search-results"), status = document.getElementById("search-progress");
  var query = (new URLSearchParams(location.search).get("q") || "").trim();
  var stemmer = new Stemmer(), stems = new Map();
  document.querySelectorAll("input[name=q]").forEach(function (field) { field.value = query; });

  function split(text) { return text.match(/[\p{Letter}\p{Number}_\p{Emoji_Presentation}]+/gu) || []; }
  function stem(word) {
    word = word.toLowerCase();
    if (!stems.has(word)) stems.set(word, stemmer.stemWord(word));
    return stems.get(word);
  }

  /* A table of the index: word -> numbers of pages, which the index writes as one number or a list. */
  function table(object) {
    return new Map(Object.entries(object).map(function (entry) { return [entry[0], [].concat(entry[1])]; }));
  }

  /* Page -> score of one word: the word itself, else words that it is a part of. */
  function lookUp(index, word, exact, partial) {
    var scores = new Map();
    function add(pages, score) { pages.forEach(function (page) { scores.set(page, Math.max(score, scores.get(page) || 0)); }); }
    if (index.has(word)) add(index.get(word), exact);
    else if (word.length > 2 || /[^\x00-\x7f]/.test(word)) {
      index.forEach(function (pages, known) { if (known.includes(word)) add(pages, partial); });
    }
    return scores;
  }

  /* Pages that hold all the words, best first: {page, title, anchor, score}. */
  function find(index, words) {
    var terms = table(index.terms), titles = table(index.titleterms), found = null;
    words.forEach(function (word) {
      var scores = lookUp(terms, word, 5, 2);
      lookUp(titles, word, 15, 7).forEach(function (score, page) { scores.set(page, Math.max(score, scores.get(page) || 0)); });
      if (found === null) found = scores;
      else found = new Map(Array.from(found).filter(function (entry) { return scores.has(entry[0]); }).map(function (entry) {
        return [entry[0], entry[1] + scores.get(entry[0])];
      }));
    });
    var results = new Map();
    (found || new Map()).forEach(function (score, page) {
      results.set(page, { page: index.docnames[page], title: index.titles[page], anchor: "", score: score, order: page });
    });
    // A heading that says what was asked is the place to go to.
    function plain(text) { return split(text.toLowerCase()).join(" "); }
    var asked = plain(query);
    Object.entries(index.alltitles).forEach(function (entry) {
      if (!plain(entry[0]).includes(asked) || asked.length < entry[0].length / 2) return;
      entry[1].forEach(function (place) {
        var result = results.get(place[0]) || { page: index.docnames[place[0]], title: index.titles[place[0]], anchor: "", score: 0, order: place[0] };
        if (!result.anchor) result.anchor = place[1] || "";
        result.score += 15;
        results.set(place[0], result);
      });
    });
    return Array.from(results.values()).sort(function (a, b) { return b.score - a.score || a.order - b.order; });
  }

  function element(tag, text, parent) {
    var made = document.createElement(tag);
    made.textContent = text;
    return parent ? parent.appendChild(made) : made;
  }

  /* A section or an exercise without those inside of it, as words are read: formulas once, no source of them. */
  var PLACES = "section[id], .exercise[id]", UNREAD = ".headerlink, .katex-html, annotation, script, style, noscript";
  function ownPart(place, prose) {
    var copy = place.cloneNode(true);
    copy.querySelectorAll(PLACES + ", " + UNREAD + (prose ? ", pre" : "")).forEach(function (part) { part.remove(); });
    return copy;
  }

  /* Where in a text the words stand: [start, end, word] in order, for those of their stem or containing it. */
  function places(text, words) {
    var found = [], pattern = /[\p{Letter}\p{Number}_\p{Emoji_Presentation}]+/gu, match;
    while ((match = pattern.exec(text))) {
      var own = stem(match[0]);
      var word = words.find(function (wanted) { return own === wanted || (wanted.length > 2 || /[^\x00-\x7f]/.test(wanted)) && own.includes(wanted); });
      if (word) found.push([match.index, match.index + match[0].length, word, own === word]);
    }
    return found;
  }

  /* The place on a page that holds the most of the words, best as they were asked for, side by side, and in prose. */
  function bestPlace(page, words, anchor) {
    var main = page.querySelector("main article") || page.body, best = null, asked = query.toLowerCase();
    var all = Array.from(main.querySelectorAll(PLACES));
    if (anchor) all = all.filter(function (place) { return place.id === anchor; });
    all.forEach(function (place, i) { [true, false].forEach(function (prose) {
      var part = ownPart(place, prose), text = part.textContent.replace(/\s+/g, " ").trim(), found = places(text, words);
      if (!found.length) return;
      var kinds = new Set(found.map(function (one) { return one[2]; })).size, phrase = text.toLowerCase().indexOf(asked);
      var whole = found.some(function (one) { return one[3]; });
      var score = 1000 * kinds + (phrase >= 0 ? 500 : 0) + (prose ? 200 : 0) + (whole ? 100 : 0) + Math.min(found.length, 9);
      // The first section is the page itself: no need to skip its head.
      if (!best || score > best.score) best = { id: i || anchor ? place.id : "", part: part, text: text, found: found, phrase: phrase, score: score };
    }); });
    return best;
  }

  /* A text fragment for the words in a part of a page. The browser takes the first place on the whole page that fits,
     so it is told the words before and after; where there are none, it goes to the section only. */
  function fragment(part, words) {
    var walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT), node, best = "", rank = 0;
    function code(text) { return encodeURIComponent(text.replace(/\s+/g, " ").trim()).replace(/-/g, "%2D"); }
    while (rank < 4 && (node = walker.nextNode())) {
      var text = node.data, at = text.toLowerCase().indexOf(query.toLowerCase()), place = places(text, words)[0];
      if (!place) continue;
      var span = at >= 0 ? [at, at + query.length] : place;
      // A term stands in a node of its own where it is introduced: the words around it are in its neighbours.
      var inline = node.parentElement.closest("em, strong, a");
      var beside = function (kind) { return inline && inline[kind] && inline[kind].nodeType === 3 ? inline[kind].data : ""; };
      var before = /(?:\S+\s+){1,3}$/.exec(beside("previousSibling") + text.slice(0, span[0]));
      var after = /^\s+\S+(?:\s+\S+){0,2}(?=\s)/.exec(text.slice(span[1]) + beside("nextSibling"));
      var own = (at >= 0 ? 2 : 1) + (before && after ? 2 : 0) - (node.parentElement.closest("pre") ? 2 : 0);
      if (!before && !after || own <= rank) continue;
      rank = own;
      best = ":~:text=" + (before ? code(before[0]) + "-," : "") + code(text.slice(span[0], span[1])) + (after ? ",-" + code(after[0]) : "");
    }
    return best;
  }

  function describe(item, link, result, words, html) {
    var page = new DOMParser().parseFromString(html, "text/html");
    var best = bestPlace(page, words, result.anchor) || (result.anchor && bestPlace(page, words, ""));
    if (!best) return;
    // Of pages that score alike, those that hold the words side by side stand first.
    item.apart = best.phrase < 0 ? result.score : null;
    var before = Array.from(item.parentElement.children).find(function (other) { return other.apart === result.score; });
    if (before && item.apart === null) item.parentElement.insertBefore(item, before);
    var first = best.phrase >= 0 ? best.phrase : (best.found.find(function (place) { return place[3]; }) || best.found[0])[0];
    var from = Math.max(0, first - 110), to = Math.min(best.text.length, from + 260);
    if (from) from = best.text.indexOf(" ", from) + 1 || from;
    if (from > first) from = first;
    link.hash = best.id + fragment(best.part, words);
    var context = element("p", from ? "… " : "", item), at = from;
    context.className = "context";
    best.found.forEach(function (place) {
      if (place[0] < at || place[1] > to) return;
      context.append(best.text.slice(at, place[0]));
      element("mark", best.text.slice(place[0], place[1]), context);
      at = place[1];
    });
    context.append(best.text.slice(at, to) + (to < best.text.length ? " …" : ""));
    var heading = best.id && page.getElementById(best.id).querySelector("h1, h2, h3, h4, .exercise-title");
    if (heading) {
      heading.querySelectorAll(UNREAD).forEach(function (part) { part.remove(); });
      element("span", " › " + heading.textContent.trim(), link);
    }
  }

  function show(results, words) {
    status.textContent = results.length === 0 ? "No page holds " + (words.length > 1 ? "all these words." : "this word.")
      : results.length === 1 ? "1 page" : results.length + " pages";
    var list = element("ul", "", out);
    list.className = "search";
    // One page after the other: the first results are complete first, and a phone is not flooded.
    results.reduce(function (before, result) {
      var item = element("li", "", list), link = element("a", "", item), address = root + result.page + ".html";
      link.innerHTML = result.title; // the index holds titles as HTML, made when the book was built
      link.href = address + (result.anchor ? "#" + result.anchor : "");
      return before.then(function () { return fetch(address); }).then(function (answer) { return answer.text(); })
        .then(function (html) { describe(item, link, result, words, html); })
        .catch(function () { /* opened as a file: the link to the page stands */ });
    }, Promise.resolve());
  }

  window.Search = {
    setIndex: function (index) {
      if (!query) return;
      var words = split(query).filter(function (word) { return stopwords.indexOf(word.toLowerCase()) < 0; }).map(stem);
      words = Array.from(new Set(words));
      if (!words.length) { status.textContent = "These words are too common to search for."; return; }
      show(find(index, words), words);
    }
  };
})();
