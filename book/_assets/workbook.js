/* What the page needs a script for: theme, menu on phones, copying code, printing, scrolling boxes by keyboard. */
(function () {
  "use strict";
  var root = document.documentElement;
  var all = function (selector, from) { return Array.prototype.slice.call((from || document).querySelectorAll(selector)); };
  var one = function (selector) { return document.querySelector(selector); };

  // Theme: the system's until the reader chooses; the choice is kept on this device.
  var toggle = one(".theme"), system = matchMedia("(prefers-color-scheme: dark)");
  function show(theme) {
    if (root.dataset.theme !== theme) root.dataset.theme = theme;
    if (toggle) toggle.setAttribute("aria-pressed", String(theme === "dark"));
  }
  function stored() { try { return localStorage.getItem("theme"); } catch (error) { return null; } }
  if (toggle) {
    show(root.dataset.theme);
    toggle.addEventListener("click", function () {
      var theme = root.dataset.theme === "dark" ? "light" : "dark";
      show(theme);
      try { localStorage.setItem("theme", theme); } catch (error) { /* private window: for this page only */ }
    });
  }
  system.addEventListener("change", function (event) { if (!stored()) show(event.matches ? "dark" : "light"); });

  // Chapters on small screens.
  var menu = one(".menu"), chapters = one(".chapters");
  function open(yes) {
    root.classList.toggle("nav-open", yes);
    menu.setAttribute("aria-expanded", String(yes));
    if (yes) { var first = chapters.querySelector("[aria-current], a"); if (first) first.focus({ preventScroll: false }); }
  }
  if (menu && chapters) {
    menu.addEventListener("click", function (event) { event.preventDefault(); open(!root.classList.contains("nav-open")); });
    menu.addEventListener("keydown", function (event) { if (event.key === " ") { event.preventDefault(); menu.click(); } });
    document.addEventListener("click", function (event) {
      if (root.classList.contains("nav-open") && !chapters.contains(event.target) && !menu.contains(event.target)) open(false);
    });
    document.addEventListener("keydown", function (event) {
      if (event.key === "Escape" && root.classList.contains("nav-open")) { open(false); menu.focus(); }
    });
    chapters.addEventListener("focusout", function (event) {
      if (root.classList.contains("nav-open") && event.relatedTarget && !chapters.contains(event.relatedTarget) && event.relatedTarget !== menu) open(false);
    });
  }

  // "/" goes to the search field.
  document.addEventListener("keydown", function (event) {
    var target = event.target;
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable) return;
    var field = one("[role=search] input");
    if (field && field.offsetParent) { event.preventDefault(); field.focus(); }
  });

  // Searching has a script of its own: it comes when the field is first used, and on the page of results at once.
  var search = one("[role=search]");
  function fetchSearch() {
    var script = document.createElement("script");
    script.src = search.dataset.script;
    document.head.appendChild(script);
  }
  if (search) {
    if (search.matches(".search-page") || search.contains(document.activeElement)) fetchSearch();
    else search.addEventListener("focusin", fetchSearch, { once: true });
  }

  // The table of contents of the page: open where it has a column of its own, and it follows the reading.
  var contents = one(".on-page"), column = matchMedia("(min-width: 82rem)");
  if (contents) {
    var place = function () { contents.open = column.matches; };
    place();
    column.addEventListener("change", place);
    var links = all("a", contents), byId = {};
    links.forEach(function (link) { byId[decodeURIComponent(link.hash.slice(1))] = link; });
    var sections = all("section[id]").filter(function (section) { return byId[section.id]; });
    // Sections off the screen are not laid out (content-visibility), so none is measured: the observer tells which
    // ones reach into the top of the window, and the last of these in the text is the one being read.
    var inView = new Set();
    var follow = new IntersectionObserver(function (entries) {
      entries.forEach(function (entry) { if (entry.isIntersecting) inView.add(entry.target); else inView.delete(entry.target); });
      var current = sections.filter(function (section) { return inView.has(section); }).pop();
      links.forEach(function (link) { link.removeAttribute("aria-current"); });
      if (current) byId[current.id].setAttribute("aria-current", "true");
    }, { rootMargin: "-80px 0px -75% 0px" });
    sections.forEach(function (section) { follow.observe(section); });
    contents.addEventListener("click", function (event) {
      if (event.target.closest("a") && !column.matches) contents.open = false;
    });
  }

  // Copying code. A block gets its button when it comes near the window.
  function addCopy(block) {
    if (!navigator.clipboard || block.querySelector(".copy")) return;
    var button = document.createElement("button");
    button.type = "button"; button.className = "copy"; button.textContent = "Copy";
    button.setAttribute("aria-label", "Copy this code");
    button.addEventListener("click", function () {
      navigator.clipboard.writeText(block.querySelector("pre").textContent.replace(/\n$/, "")).then(function () {
        button.textContent = "Copied"; button.classList.add("done");
        setTimeout(function () { button.textContent = "Copy"; button.classList.remove("done"); }, 1600);
      });
    });
    block.appendChild(button);
  }

  // Boxes that may scroll sideways are stops for the tab key from the start (publish/site/scrolling.py). Those that
  // turn out to be wide enough are none: but only a box that is laid out, with its fonts there, can tell. A box is
  // measured when it comes near the window, for the same reason as above.
  var near = new Set(), marks = new Map(), MARKS = ["tabindex", "role", "aria-label"];
  function measure(box) {
    if (box.tagName === "PRE" && !box.closest(".cell_output") && box.parentElement.matches(".highlight")) addCopy(box.parentElement);
    var scrolls = box.scrollWidth > box.clientWidth + 1;
    if (scrolls && !box.hasAttribute("tabindex")) {
      box.tabIndex = 0;
      (marks.get(box) || []).forEach(function (value, i) { box.setAttribute(MARKS[i], value); });
    } else if (!scrolls && box.tabIndex === 0 && box.clientWidth && (!document.fonts || document.fonts.status === "loaded")) {
      if (box.hasAttribute("role")) marks.set(box, MARKS.map(function (name) { return box.getAttribute(name); }));
      MARKS.forEach(function (name) { box.removeAttribute(name); });
    }
  }
  var watch = new IntersectionObserver(function (entries) {
    entries.forEach(function (entry) {
      if (entry.isIntersecting) { near.add(entry.target); measure(entry.target); } else near.delete(entry.target);
    });
  }, { rootMargin: "200px" });
  var boxes = all(".text pre, .table-box, .picture-box, .katex-display");
  boxes.forEach(function (box) { watch.observe(box); });
  addEventListener("resize", function () { near.forEach(measure); });
  // The event, not the promise `ready`: asking for that one lays the page out at once.
  if (document.fonts) document.fonts.addEventListener("loadingdone", function () { near.forEach(measure); });
  // Whoever uses the tab key gets all of them at once, and short pages do anyway.
  document.addEventListener("keydown", function first(event) {
    if (event.key !== "Tab") return;
    document.removeEventListener("keydown", first);
    boxes.forEach(measure);
  });
  if (boxes.length <= 30) (window.requestIdleCallback || setTimeout)(function () { boxes.forEach(measure); });

  // A link to a fold, or to something inside one, opens it.
  function reveal() {
    var name = location.hash.slice(1);
    try { name = decodeURIComponent(name); } catch (malformed) { /* as it stands */ }
    var target = name && document.getElementById(name);
    if (!target) return;
    var closed = false;
    for (var fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) {
      closed = closed || !fold.open;
      fold.open = true;
    }
    if (closed) target.scrollIntoView();
  }
  addEventListener("hashchange", reveal);
  reveal();

  // Paper has no folds: open the hints, and close them again. Depth, solutions and folded code only on request.
  var opened = [], whole = false;
  addEventListener("beforeprint", function () {
    root.classList.toggle("print-all", whole);
    opened = all("main details:not([open])").filter(function (fold) { return whole || !fold.closest(".fold, .solution, .hide"); });
    opened.forEach(function (fold) { fold.open = true; });
  });
  addEventListener("afterprint", function () {
    opened.forEach(function (fold) { fold.open = false; });
    opened = []; whole = false;
    root.classList.remove("print-all");
  });
  all(".print").forEach(function (button) { button.addEventListener("click", function () { whole = button.matches(".print-all"); window.print(); }); });
})();
