'use strict';
// Light or dark: as the reader's system asks, until the reader chooses. In the page's head, so that nothing is shown in
// the wrong one first.
const theme = (() => {
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  const listeners = [];
  let chosen = null;  // of this visit: a page on disk has no place of its own to remember it

  const current = () => chosen ?? (dark.matches ? 'dark' : 'light');
  const apply = () => {
    document.documentElement.dataset.theme = current();
    listeners.forEach((listener) => listener());
  };
  dark.addEventListener('change', apply);
  apply();

  return {
    current,
    choose(one) { chosen = one; apply(); },
    /** Calls back after each change. */
    onChange(listener) { listeners.push(listener); },
    /** The value of one of the style's variables, such as `ink`. */
    colour: (name) => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim(),
  };
})();
