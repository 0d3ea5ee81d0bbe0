// What the address of a page says of one place on it: ?key=text. The query, not the fragment: links
// within the page stay what they are.

// `read` gives the text, null where there is none; `write` with null takes it out again.
export function addressed(key, id) {
  const parts = () => location.search.slice(1).split("&").filter(Boolean);
  const withText = (text) => {
    const rest = parts().filter((part) => part.split("=")[0] !== key);
    if (text !== null) rest.push(`${key}=${text}`);
    return location.pathname + (rest.length ? `?${rest.join("&")}` : "");
  };
  return {
    read() {
      const mine = parts().find((part) => part.startsWith(`${key}=`));
      if (mine === undefined) return null;
      const text = mine.slice(key.length + 1);
      try { return decodeURIComponent(text); } catch { return text; }
    },
    write(text) {
      const to = withText(text) + location.hash;
      if (to === location.pathname + location.search + location.hash) return;
      try { history.replaceState(history.state, "", to); } catch { /* file:// allows no query */ }
    },
    link: (text) => `${location.protocol}//${location.host}${withText(text)}#${id}`,
  };
}
