"use strict";
/* Sets custom properties from data-vars="a:72 b:80": the policy of the page forbids style attributes, not the object model. */
(() => {
  const apply = (element) => {
    for (const pair of element.dataset.vars.split(/\s+/)) {
      const cut = pair.indexOf(":");
      if (cut > 0) element.style.setProperty(`--${pair.slice(0, cut)}`, pair.slice(cut + 1));
    }
  };
  const applyBelow = (root) => {
    if (root.dataset && root.dataset.vars) apply(root);
    for (const element of root.querySelectorAll("[data-vars]")) apply(element);
  };
  window.joblineVars = { apply: applyBelow };
  applyBelow(document);
  // What htmx brings in; the event comes for every new element.
  document.addEventListener("htmx:load", (event) => applyBelow(event.detail.elt));
})();
