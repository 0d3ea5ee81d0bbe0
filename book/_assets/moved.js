/* Sends on who comes for a page or an anchor that moved: see publish/site/redirects.py. */
(() => {
  const to = JSON.parse(document.documentElement.dataset.moved);
  const follow = () => {
    const anchor = decodeURIComponent(location.hash.slice(1));
    const place = Object.hasOwn(to, anchor) ? to[anchor] : to[''];
    if (place === undefined) return;
    const address = new URL(place, location.href);
    if (!address.hash) address.hash = location.hash;
    location.replace(address);
  };
  addEventListener('hashchange', follow);
  follow();
})();
