// What the address of a page says of one place on it: ?key=text. The query, not the fragment: links
// within the page stay what they are.

// `read` gives the text, null where there is none; `write` with null takes it out again.
export function addressed(key, id) {
  const parts = () => location.search.slice(1).split("&").filter(Boolean);
  const mine = (part) => part.startsWith(`${key}=`);
  const withText = (text) => {
    const rest = parts().filter((part) => !mine(part));
    if (text !== null) rest.push(`${key}=${text}`);
    return location.pathname + (rest.length ? `?${rest.join("&")}` : "");
  };
  return {
    read() {
      const text = parts().find(mine)?.slice(key.length + 1);
      try { return text === undefined ? null : decodeURIComponent(text); } catch { return text; }
    },
    write(text) {
      const to = withText(text);
      if (to === location.pathname + location.search) return;
      try { history.replaceState(history.state, "", to + location.hash); } catch { /* file:// allows no query */ }
    },
    link: (text) => `${location.protocol}//${location.host}${withText(text)}#${id}`,
  };
}
