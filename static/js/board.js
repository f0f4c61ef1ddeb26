"use strict";
/* What a board does beside its figures: says since when it is not live, keeps big numbers inside, spares the screen. */
(() => {
  const board = document.querySelector(".board");
  /** While the screen has lost the server, the state band says so, and counts from the last message. */
  const showLoss = (isLost, heardAt) => {
    for (const part of board.querySelectorAll(".b-now")) part.hidden = isLost;
    for (const part of board.querySelectorAll(".b-lost")) part.hidden = !isLost;
    board.querySelector("[data-lost-since]").dataset.since = isLost ? String(heardAt) : "";
    window.joblineClock.tick();
  };

  /** Numbers that would run out of their panel are set smaller. */
  const fit = () => {
    const numbers = board.querySelector("[data-b-nums]");
    numbers.classList.remove("is-wide");
    numbers.classList.toggle("is-wide", numbers.scrollWidth > numbers.clientWidth + 1);
    const hours = board.querySelector(".hours");
    const cells = hours.querySelectorAll(".hr");
    hours.classList.remove("is-dense");
    const isTight = cells.length > 9 || [...cells].some((cell) => cell.scrollWidth > cell.clientWidth + 1);
    hours.classList.toggle("is-dense", isTight);
    for (const list of board.querySelectorAll(".hours, .b-axis")) {
      if (cells.length) list.style.setProperty("--hours", String(cells.length));
    }
  };

  document.addEventListener("live:line", fit);
  document.addEventListener("live:condition", (event) => showLoss(event.detail.condition === "lost", event.detail.heardAt));
  addEventListener("resize", fit);
  fit();

  // Two pixels to and fro every ten minutes: a picture that never moves burns in.
  let isShifted = false;
  setInterval(() => {
    isShifted = !isShifted;
    board.style.setProperty("translate", isShifted ? "calc(2 * var(--u)) calc(2 * var(--u))" : "0 0");
  }, 10 * 60 * 1000);
})();
