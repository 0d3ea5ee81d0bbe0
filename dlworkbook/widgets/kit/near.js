// Acts on each element that it observes when that comes near, once. One and a half screens ahead of
// the reader: ready before it is seen, and no work before that.
export function nearing(act) {
  const watch = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      watch.unobserve(target);
      act(target);
    }
  }, { rootMargin: "150% 0px" });
  return watch;
}
