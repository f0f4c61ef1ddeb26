"use strict";
/* The filters of the losses page: a choice is sent at once; the address is what can be copied. */
(() => {
  const form = document.querySelector("[data-filters]");
  form?.addEventListener("change", (event) => {
    // Of two dates the second is still to come.
    if (event.target.type === "date" && !event.target.value) return;
    for (const field of form.elements) if (field.name && !field.value) field.disabled = true;
    form.submit();
  });
  const copy = document.querySelector("[data-copy]");
  if (copy && navigator.clipboard) {
    copy.hidden = false;
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(location.href);
      copy.textContent = "Copied";
      setTimeout(() => { copy.textContent = "Copy link"; }, 2000);
    });
  }
})();
