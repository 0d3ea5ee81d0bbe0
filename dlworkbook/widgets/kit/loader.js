// Loader for pages without a kernel. Finds each <div data-widget="name">, fetches the widget's
// script when the first of its kind comes near the window, and gives it a small stand-in for
// anywidget's model. A classic script, so that a page opened from disk (file://) works as well.
import { addressed } from "./address.js";
import { nearing } from "./near.js";

(() => {
  if (window.dlworkbook) return;
  const here = document.currentScript?.src || "";
  const base = here.replace(/[^/]*$/, "");
  const versions = {}; // filled in by the Sphinx extension: widget name -> hash of its script
  const widgets = {}, waiting = {};

  function makeModel(state) {
    const heard = new Map();
    const dirty = new Set();
    const fire = (event) => { for (const f of [...(heard.get(event) ?? [])]) f(); };
    return {
      get: (key) => state[key],
      set(key, value) {
        if (Object.is(state[key], value)) return;
        state[key] = value;
        dirty.add(key);
      },
      save_changes() {
        const keys = [...dirty];
        dirty.clear();
        for (const key of keys) fire(`change:${key}`);
        if (keys.length) fire("change");
      },
      on(event, f) { heard.set(event, (heard.get(event) ?? new Set()).add(f)); },
      off(event, f) { heard.get(event)?.delete(f); },
      send() {},
    };
  }

  // The state of a widget in the page's address: ?convolution=... (then convolution-2, ...).
  const makePlace = (div) => ({
    ...addressed(div.dataset.key, div.id),
    notebook: document.querySelector('link[rel="alternate"][type="application/x-ipynb+json"]')?.href ?? null,
    name: div.dataset.widget,
  });

  // The picture of a widget that is not running.
  const still = (div) => (div.querySelector("noscript")?.textContent ?? "").replace('loading="lazy"', "");

  function start(div) {
    div.querySelector(".dlw-still")?.remove();
    const host = document.createElement("div");
    div.append(host); // first: the widget measures its width
    try {
      const state = JSON.parse(div.querySelector('script[type="application/json"]').textContent);
      widgets[div.dataset.widget].render({ model: makeModel(state), el: host, place: div.dataset.inline ? null : makePlace(div) });
      div.dataset.ready = "true";
      performance.mark(`dlworkbook:${div.dataset.widget}`);
      if (location.hash === `#${div.id}`) div.scrollIntoView(); // a copied link leads here
    } catch (error) {
      div.dataset.ready = "failed";
      host.innerHTML = still(div);
      console.error(`dlworkbook ${div.dataset.widget}:`, error);
    }
  }

  function scan() {
    const seen = {};
    for (const div of document.querySelectorAll("[data-widget]")) {
      const name = div.dataset.widget;
      seen[name] = (seen[name] ?? 0) + 1;
      if (div.dataset.key) continue; // mounted or on its way
      div.dataset.key = seen[name] === 1 ? name : `${name}-${seen[name]}`;
      div.id ||= `widget-${div.dataset.key}`;
      if (near && base) near.observe(div);
      else mount(div);
    }
  }

  function mount(div) {
    const name = div.dataset.widget;
    if (widgets[name]) { start(div); return; }
    const first = !waiting[name];
    if (waiting[name]?.includes(div)) return; // it came near before it was printed
    (waiting[name] ??= []).push(div);
    if (!first || !base) return;
    const script = document.createElement("script");
    script.src = `${base}${name}.js${versions[name] ? `?v=${versions[name]}` : ""}`;
    document.head.append(script);
  }

  const near = typeof IntersectionObserver === "undefined" ? null : nearing(mount);
  addEventListener("beforeprint", () => { // printing needs all of them
    for (const div of document.querySelectorAll("[data-key]:not([data-ready])")) {
      if (div.querySelector(".dlw-still")) continue; // printed before, and still on its way
      const instead = document.createElement("div"); // paper does not wait for a script
      instead.className = "dlw-still";
      instead.innerHTML = still(div);
      div.append(instead);
      near?.unobserve(div);
      mount(div);
    }
  });

  window.dlworkbook = {
    define(name, widget, css) {
      if (widgets[name]) return;
      widgets[name] = widget;
      if (css) {
        const style = document.createElement("style");
        style.textContent = css;
        // Behind the body: a page may link the style that all widgets share from there, and of two
        // rules of equal weight the widget's own must come last.
        document.documentElement.append(style);
      }
      // In tasks of their own: the page answers between reading the script and each picture.
      for (const div of waiting[name] ?? []) setTimeout(start, 0, div);
      delete waiting[name];
    },
    scan,
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", scan);
  else scan();
})();
