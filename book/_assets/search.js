/* Searching: the field in the head of each page, and the page of results. This script comes when a field is first
   used; with it comes Pagefind, which fetches only the parts of its index that a query needs
   (publish/site/search.py makes it). A result leads to a section and asks the browser to mark the words there (a text
   fragment), so that no mark outlives the visit and nothing is stored. */
(function () {
  "use strict";
  var root = document.documentElement.dataset.content_root;
  // How much a record of a kind weighs; the last two are found behind all others.
  var KINDS = { text: 1, exercise: .5, end: .5, later: .01, term: .01 };
  var RANKING = { metaWeights: { title: 5, page: 3, parts: 2, terms: 1.5, labels: 3, also: 2 } };
  // A title that begins with the query, of a section and of a page; a text that holds it word by word; a record that
  // holds one more of its words.
  var BEGINS = 1.3, NAMED = 2, PHRASE = 1.5, MORE = 1000;
  var SHORT = 10, LONG = 40, WORDS = 32; // results below the field, on the page; words of an excerpt
  // Signs in the words of a record: see publish/site/search.py.
  var HIDDEN = "\u241e", JOINED = "\u2060", FORMULA = "\u2061", LINE = "\u2062", END = "\u2063";
  var OF_CODE = .1; // of an excerpt: how much a word of a block of code counts beside one of a sentence
  // Words of a question that no section need hold.
  var ASKING = new Set(("a an and are as at be between by can do does explain for from how i in into is it its me my need of on or our s should tell than that the their them then " +
    "there they this to us use used using versus vs was we what when where which while who why will with work works you your").split(" "));
  var WAIT = 120; // milliseconds without a key
  var SERVE = "The book is opened as files, and those cannot be searched. In the folder of index.html run " +
    "\u201cpython -m http.server 8000\u201d, then open http://127.0.0.1:8000/ and search there.";
  var ENDING = /(?:ings?|ers?|e?d|e?s)$/; // which Pagefind does not look at
  var engine = null, known = null;

  function byScore(a, b) { return b.score - a.score; }

  // Pagefind gives content as HTML.
  function plain(text) {
    return text.replace(/\u2060 |[\u2060-\u2063]/g, "").replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
  }

  function pagefind() {
    engine = engine || import(new URL(root + "pagefind/pagefind.js", location.href).href).then(function (module) {
      return Promise.resolve(module.options({ ranking: RANKING })).then(function () { return module; });
    });
    return engine;
  }

  function element(tag, text, parent, name) {
    var made = document.createElement(tag);
    made.textContent = text;
    if (name) made.className = name;
    return parent ? parent.appendChild(made) : made;
  }

  /* Whether a record holds a word, or one that begins like it. Where no word begins like the one that was asked for,
     Pagefind takes the longest beginning of it that there is, be it a single letter. */
  function holds(data, asked) {
    var texts = [data.raw_content].concat(Object.values(data.meta)).join(" ").toLowerCase();
    var letters = asked.toLowerCase().replace(/[^\p{L}\p{N}]/gu, ""), stem = letters.replace(ENDING, "");
    var least = Math.min(stem.length < 3 ? letters.length : stem.length, Math.ceil(letters.length * .6));
    return (texts.match(/\S+/g) || []).some(function (word) {
      return word.split(/[^\p{L}\p{N}]+/u).concat(word.replace(/[^\p{L}\p{N}]/gu, "")).some(function (part) { return part.startsWith(letters.slice(0, least)); });
    });
  }

  /* The words that a query is about. What stands in quotes is left as it is. */
  function words(query) {
    var all = query.split(/\s+/).filter(Boolean);
    var about = all.filter(function (word) { return !ASKING.has(word.toLowerCase().replace(/[^\p{L}\p{N}]+$/u, "")); });
    return query.includes('"') || !about.length ? all : about;
  }

  /* How many letters must be put in, left out, changed or swapped to make one word of another. */
  function steps(a, b) {
    var rows = [];
    for (var i = 0; i <= a.length; i++) {
      rows.push([i]);
      for (var j = 1; j <= b.length; j++) {
        rows[i][j] = !i ? j : Math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) rows[i][j] = Math.min(rows[i][j], rows[i - 2][j - 2] + 1);
      }
    }
    return rows[a.length][b.length];
  }

  /* {words: those of titles and terms, called: another name -> the term of the glossary that is called so}. */
  function vocabulary() {
    return known = known || fetch(new URL(root + "pagefind/words.json", location.href)).then(function (answer) { return answer.json(); });
  }

  /* The word of a title or a term that was meant by one that is not in the book, else the word itself. */
  async function meant(word) {
    var letters = word.toLowerCase(), best = word, least = letters.length < 8 ? 1 : 2;
    if (!/^[a-z]{5,20}$/.test(letters) || (await find([word])).length) return word;
    (await vocabulary()).words.forEach(function (other) {
      var far = Math.abs(other.length - letters.length) > least ? least + 1 : steps(letters, other);
      if (far < least || far === least && best === word) { best = other; least = far; }
    });
    return best;
  }

  /* Records that hold all the words, best first: {id, score, data}. */
  async function find(words) {
    var module = await pagefind(), kinds = Object.keys(KINDS), query = words.join(" ");
    var found = await Promise.all(kinds.map(function (kind) { return module.search(query, { filters: { kind: kind } }); }));
    var records = found.flatMap(function (one, i) {
      var weight = KINDS[kinds[i]];
      return one.results.map(function (result) { return { id: result.id, score: result.score * weight, more: weight < .1 ? MORE * weight : MORE, data: result.data }; });
    }).sort(byScore);
    var best = records.length ? await records[0].data() : null;
    return best && words.every(function (word) { return holds(best, word); }) ? records : [];
  }

  /* The same for any of the words; one that holds more of them stands first. */
  async function findSome(words) {
    var records = new Map();
    for (var word of new Set(words)) for (var result of await find([word])) {
      var known = records.get(result.id);
      if (known) known.score += result.more + result.score; else records.set(result.id, result);
    }
    return Array.from(records.values()).sort(byScore);
  }

  /* The best records with their data. A title that begins with what was asked for is about just that, and so is a
     text that says it in these words, side by side. */
  async function load(records, query, most) {
    var data = await Promise.all(records.slice(0, most).map(function (record) { return record.data(); }));
    var asked = query.toLowerCase(), several = asked.includes(" ");
    return data.map(function (one, i) {
      var title = plain(one.meta.title).replace(/^[\d.]+ /, "").toLowerCase();
      var said = several && (title + "\n" + plain(one.raw_content.split(HIDDEN)[0]).toLowerCase()).includes(asked);
      var begins = title.startsWith(asked) && /^(?:e?s)?(?!\p{L})/u.test(title.slice(asked.length)); // not "Convolutional" for "convolution"
      var named = !begins ? 1 : one.raw_url.includes("#") ? BEGINS : NAMED;
      return { score: records[i].score * named * (said ? PHRASE : 1), data: one };
    }).sort(byScore).map(function (one) { return one.data; });
  }

  /* The words of a record that are shown, each with its weight as something that was asked for. */
  function shown(data) {
    var marks = new Map(data.weighted_locations.map(function (place) { return [place.location, place.weight]; }));
    return data.raw_content.split(HIDDEN)[0].split(/\s+/).filter(Boolean).map(function (word, i) {
      var joined = word.endsWith(JOINED), formula = word.includes(FORMULA);
      var line = word.startsWith(LINE), mark = marks.get(i) || 0;
      return { text: plain(word), mark: mark, weight: line ? mark * OF_CODE : mark, space: joined ? "" : " ", prose: !joined && !formula && !line, end: word.endsWith(END) };
    });
  }

  /* Where the excerpt begins: the words that hold most of what is asked for. */
  function bestStart(words) {
    var best = 0, most = 0;
    words.forEach(function (word, i) {
      if (!word.mark) return;
      var sum = words.slice(i, i + WORDS - 6).reduce(function (sum, other) { return sum + other.weight; }, 0);
      if (sum > most) { most = sum; best = i; }
    });
    return Math.max(0, Math.min(best - 6, words.length - WORDS));
  }

  function excerpt(words, parent) {
    var from = bestStart(words), to = Math.min(words.length, from + WORDS), context = element("p", from ? "\u2026 " : "", parent, "context");
    for (var i = from; i < to; i++) {
      // The signs around a word are not marked with it.
      var parts = /^([^\p{L}\p{N}]*)(.*?)([^\p{L}\p{N}]*)$/su.exec(words[i].text);
      if (words[i].mark && parts[2]) {
        context.append(parts[1]);
        element("mark", parts[2], context);
        context.append(parts[3] + words[i].space);
      } else context.append(words[i].text + words[i].space);
    }
    if (to < words.length) context.append("\u2026");
  }

  /* A text fragment for the words that are marked in a sentence, where the most of them stand together. The browser
     takes the first place on the whole page that fits, so it is told the words before and after. Formulas and code are
     left out: the page writes them in other pieces. */
  function fragment(words) {
    function together(i) { return i + 1 < words.length && !words[i].end && words[i].prose && words[i + 1].prose; }
    function code(from, to) {
      return encodeURIComponent(words.slice(from, to).map(function (word) { return word.text; }).join(" ")).replace(/-/g, "%2D");
    }
    var best = "", most = 0;
    for (var i = 0; i < words.length; i++) {
      if (!words[i].mark || !words[i].prose) continue;
      var to = i + 1, before = i, after;
      while (to < words.length && words[to].mark && together(to - 1)) to += 1;
      while (before > 0 && i - before < 3 && together(before - 1)) before -= 1;
      for (after = to; after < words.length && after - to < 3 && together(after - 1); after++);
      if (to - i > most && (before < i || after > to)) {
        most = to - i;
        best = ":~:text=" + (before < i ? code(before, i) + "-," : "") + code(i, to) + (after > to ? ",-" + code(to, after) : "");
      }
      i = to - 1;
    }
    return best;
  }

  /* Results into a list, those of a page together, pages in the order of their best result. */
  function list(records, parent) {
    var pages = new Map();
    records.forEach(function (data) {
      var page = data.raw_url.replace(/^\//, "").split("#")[0];
      if (!pages.has(page)) {
        var item = element("li", "", parent);
        element("p", data.meta.page || data.meta.title, item, "of-page");
        pages.set(page, element("ul", "", item));
      }
      var entry = element("li", "", pages.get(page)), words = shown(data), address = root + data.raw_url.replace(/^\//, "");
      var mark = fragment(words);
      element("a", plain(data.meta.title), entry).href = mark && !address.includes("#") ? address + "#" + mark : address + mark;
      excerpt(words, entry);
    });
  }

  function said(shownNumber, all, some) {
    var sections = all === 1 ? "1 section" : all + " sections";
    return (some ? "No section of a chapter holds all these words; " + sections + (all === 1 ? " holds" : " hold") + " some" : sections) +
      (shownNumber < all ? ", the best " + shownNumber + " here." : ".");
  }

  /* Looks for what a field holds whenever it changes. `out` is a list, `status` says what was found. */
  function attach(field, out, status, most, done) {
    var asked = null, timer = 0, running = Promise.resolve();
    async function look(query) {
      asked = query;
      var wanted = words(query), records = [], some = false, data = [], said_ = "";
      if (location.protocol === "file:") said_ = SERVE;
      else if (wanted.length) {
        try {
          var term = (await vocabulary()).called[query.toLowerCase()];
          if (term) wanted = words(term); // which titles use
          records = await find(wanted);
          if (!records.length) {
            var respelt = await Promise.all(wanted.map(meant));
            if (respelt.join() !== wanted.join()) {
              said_ = "Looked for \u201c" + respelt.join(" ") + "\u201d. ";
              wanted = respelt;
              records = await find(wanted);
            }
          }
          if (wanted.length > 1 && !records.some(function (record) { return record.more === MORE; })) {
            var any = await findSome(wanted);
            some = any.length > 0;
            records = some ? any : records;
          }
          data = await load(records, wanted.join(" "), most);
          said_ += records.length ? said(data.length, records.length, some) : "No section holds " + (wanted.length > 1 ? "any of these words." : "this word.");
        } catch (error) {
          engine = null;
          said_ = "The index of the book could not be loaded. Is there a connection?";
        }
      }
      if (query !== asked) return; // something else was asked meanwhile
      out.replaceChildren();
      list(data, out);
      status.textContent = said_;
      done(query, records.length > data.length);
    }
    function now() {
      clearTimeout(timer);
      var query = field.value.trim();
      if (query !== asked) running = look(query);
      return running;
    }
    field.addEventListener("input", function () { clearTimeout(timer); timer = setTimeout(now, WAIT); });
    field.form.addEventListener("submit", function (event) {
      event.preventDefault();
      now().then(function () { var first = out.querySelector("a"); if (first) first.click(); });
    });
    // Up and down go through field and results.
    field.form.parentElement.addEventListener("keydown", function (event) {
      var by = { ArrowDown: 1, ArrowUp: -1 }[event.key], stops = [field].concat(Array.from(out.querySelectorAll("a"))), at = stops.indexOf(document.activeElement);
      if (!by || at < 0 || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
      event.preventDefault();
      var next = stops[at + by];
      if (next) next.focus();
    });
    return now;
  }

  var form = document.querySelector(".find"), page = document.querySelector(".search-page");

  if (page) {
    var pageField = page.querySelector("input"), given = new URLSearchParams(location.search).get("q") || "";
    var results = element("ol", "", document.getElementById("search-results"), "found-list");
    var look = attach(pageField, results, document.getElementById("search-progress"), LONG, function (query) {
      if (location.protocol !== "file:") history.replaceState(null, "", query ? "?q=" + encodeURIComponent(query) : location.pathname);
    });
    if (given) pageField.value = given;
    if (location.protocol === "file:" || given) look();
    if (!given) pageField.focus();
  }

  if (form) {
    var field = form.querySelector("input"), panel = element("div", "", form, "found");
    var status = element("p", "", panel);
    status.setAttribute("role", "status");
    var found = element("ol", "", panel, "found-list"), all = element("a", "All results", panel, "found-all");
    panel.hidden = all.hidden = true;
    var search = attach(field, found, status, SHORT, function (query, more) {
      all.href = form.action + "?q=" + encodeURIComponent(query);
      all.hidden = !more;
      panel.hidden = !status.textContent || !form.contains(document.activeElement);
    });
    field.addEventListener("focus", function () { panel.hidden = !status.textContent; search(); });
    form.addEventListener("focusout", function (event) { if (!form.contains(event.relatedTarget)) panel.hidden = true; });
    found.addEventListener("click", function (event) { if (event.target.closest("a")) panel.hidden = true; });
    form.addEventListener("keydown", function (event) {
      if (event.key !== "Escape" || panel.hidden) return;
      event.preventDefault(); // the second one empties the field
      panel.hidden = true;
      field.focus();
      panel.hidden = true; // the focus has shown it
    });
    if (document.activeElement === field) search();
  }
})();
