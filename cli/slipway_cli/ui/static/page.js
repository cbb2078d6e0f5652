// Looks again and again, and changes what has changed. What somebody is selecting or has the focus on stays.
"use strict";

const board = document.getElementById("board");
const trouble = document.getElementById("trouble");
const HIDDEN = 10; // times longer between two looks while nobody can see the page
let timer;

function say(text) {
  if (trouble.textContent !== text) trouble.textContent = text;
  trouble.hidden = !text;
}

function isSelected(element) {
  const selection = getSelection();
  return selection !== null && !selection.isCollapsed && selection.containsNode(element, true);
}

function replace(old, fresh) {
  if (old.outerHTML === fresh.outerHTML || isSelected(old)) return;
  const focused = old.contains(document.activeElement) && document.activeElement.getAttribute("href");
  old.replaceWith(fresh);
  if (focused) fresh.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

function renew(html) {
  const fresh = [...new DOMParser().parseFromString(html, "text/html").body.children];
  const old = [...board.children];
  const same = fresh.length === old.length && fresh.every((each, at) => each.dataset.key === old[at].dataset.key);
  if (same) fresh.forEach((each, at) => replace(old[at], each));
  else board.replaceChildren(...fresh);
}

async function look() {
  clearTimeout(timer);
  try {
    const answer = await fetch(board.dataset.from);
    const text = await answer.text();
    if (answer.ok) renew(text);
    say(answer.ok ? "" : text);
  } catch {
    say("This page is no longer kept up to date: `slipway ui` has ended. Start it again.");
  }
  timer = setTimeout(look, board.dataset.seconds * 1000 * (document.hidden ? HIDDEN : 1));
}

document.addEventListener("visibilitychange", () => document.hidden || look());
timer = setTimeout(look, board.dataset.seconds * 1000);
