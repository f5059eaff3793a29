// The reading room's script: fills the thread pane once, then folds, finds, filters and marks without the server.
// It never builds HTML from text: the pane's HTML is escaped on the server, everything else is set as textContent.

const $ = (selector, at = document) => at.querySelector(selector);
const $$ = (selector, at = document) => Array.from(at.querySelectorAll(selector));
const room = () => $(".cm-reader");
const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

export default function ({ data, parentElement, setTriggerValue }) {
  const root = $(".cm-reader", parentElement);
  if (!root) return;
  root.cmSend = (kind, arg) => setTriggerValue("act", { kind, arg: String(arg ?? ""), at: Date.now() });
  if (root.dataset.key !== data.key) {
    root.innerHTML = data.html;
    root.dataset.key = data.key;
    root.dataset.thread = data.thread;
    root.cmText = null;
    const waiting = window.cmWaiting;
    if (waiting && waiting.thread === data.thread) {
      window.cmWaiting = null;
      goto(waiting.id, waiting.start, waiting.end);
    } else if (location.hash && document.getElementById(location.hash.slice(1))) {
      goto(location.hash.slice(1));
      pane("talk");
    }
  }
  if (!window.cmReady) {
    window.cmReady = true;
    listen();
    document.documentElement.dataset.cmReady = "";
  }
  return () => {};
}

function send(kind, arg) {
  const root = room();
  if (root && root.cmSend) root.cmSend(kind, arg);
}

function listen() {
  document.addEventListener("click", (event) => {
    const el = event.target.closest && event.target.closest("[data-cm]");
    if (el && !el.closest("[aria-disabled=true]")) act(el, event);
  });
  document.addEventListener("keydown", keys);
  const reads = (event) => event.target.closest && event.target.closest(".cm-scroll") && (settling += 1);
  for (const kind of ["wheel", "touchstart", "pointerdown"]) document.addEventListener(kind, reads, { passive: true });
  document.addEventListener("input", (event) => {
    if (event.target.matches && event.target.matches(".cm-find")) later(() => find(event.target.value));
  });
  watchTalk();
}

let timer = 0;
function later(what) {
  clearTimeout(timer);
  timer = setTimeout(what, 120);
}

function act(el, event) {
  const kind = el.dataset.cm;
  const arg = el.dataset.arg || "";
  if (kind === "cite") {
    event.preventDefault();
    cite(el);
  } else if (kind === "goto") {
    event.preventDefault();
    goto(el.getAttribute("href").slice(1));
  } else if (kind === "tab") tab(arg);
  else if (kind === "more") more(el);
  else if (kind === "author") people(el, arg);
  else if (kind === "only") filter(arg);
  else if (kind === "unfilter") filter(null);
  else if (kind === "copy") copy(el, arg);
  else if (kind === "pane") pane(arg);
  else send(kind, arg);
}

// ---- citations -----------------------------------------------------------------------------------------------

function cite(el) {
  const root = room();
  const id = el.getAttribute("href").slice(1);
  const [start, end] = [Number(el.dataset.start), Number(el.dataset.end)];
  current(el);
  pane("thread");
  if (!document.getElementById(id)) {
    window.cmWaiting = { id, start, end, thread: el.dataset.thread };
    send("open", el.dataset.thread);
    return;
  }
  if (root) goto(id, start, end);
}

// Which citation was last followed. The answer that holds it is drawn anew while it grows, and its class with it.
function current(el) {
  $$(".cm-cite.cm-current").forEach((other) => other.classList.remove("cm-current"));
  el.classList.add("cm-current");
  const key = address(el);
  window.cmCurrent = { key, nth: $$("a.cm-cite").filter((other) => address(other) === key).indexOf(el) };
}

const address = (el) => [el.getAttribute("href"), el.dataset.start, el.dataset.end].join(" ");

function keepCurrent() {
  const was = window.cmCurrent;
  if (!was || $(".cm-cite.cm-current")) return;
  const same = $$("a.cm-cite").filter((el) => address(el) === was.key);
  const el = same[was.nth] || same[0];
  if (el) el.classList.add("cm-current");
}

function goto(id, start, end) {
  const target = document.getElementById(id);
  if (!target) return;
  pane("thread");
  tab("thread");
  if (target.closest(".cm-out-of-filter") || target.classList.contains("cm-out-of-filter")) filter(null);
  for (let at = target.parentElement; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
  unmark();
  const marks = start === undefined ? [] : mark(target, start, end);
  if (location.hash !== "#" + id) history.replaceState(history.state, "", "#" + id);
  $$(".cm-target").forEach((other) => other.classList.remove("cm-target", "cm-flash"));
  target.classList.add("cm-target");
  void target.offsetWidth;
  if (!calm()) target.classList.add("cm-flash");
  target.focus({ preventScroll: true });
  settle(marks[0] || target);
}

// Comments far away have estimated heights until they are near: scroll, let them be laid out, and correct, until
// nothing moves any more. A later call and the reader's own scrolling end it.
let settling = 0;
function settle(el) {
  const box = $(".cm-scroll");
  if (!box) return;
  const mine = ++settling;
  let [left, calmly] = [90, 0];
  const step = () => {
    if (mine !== settling || !el.isConnected) return;
    const head = el.closest(".cm-c, .cm-article") || el;
    const room = box.getBoundingClientRect();
    const tall = el.getBoundingClientRect().bottom - head.getBoundingClientRect().top > room.height * 0.7;
    const top = (tall ? el : head).getBoundingClientRect().top - room.top;
    const off = top - room.height * 0.14;
    const before = box.scrollTop;
    if (Math.abs(off) > 2) box.scrollTop += off;
    calmly = box.scrollTop === before ? calmly + 1 : 0;
    if (--left > 0 && calmly < 8) requestAnimationFrame(step);
  };
  step();
}

function unmark() {
  $$(".cm-reader mark.cm-span").forEach((el) => {
    const parent = el.parentNode;
    while (el.firstChild) parent.insertBefore(el.firstChild, el);
    el.remove();
    parent.normalize();
  });
}

function mark(target, start, end) {
  const body = $(".cm-body", target);
  if (body && body.closest(".cm-c, .cm-article") !== target) return [];
  if (!body || !(end > start)) return [];
  if (body.classList.contains("cm-long")) more(body.nextElementSibling, true);
  const walk = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  const pieces = [];
  let at = 0;
  for (let node = walk.nextNode(); node && at < end; node = walk.nextNode()) {
    const [from, to] = [Math.max(start - at, 0), Math.min(end - at, node.length)];
    if (from < to) pieces.push([node, from, to]);
    at += node.length;
  }
  return pieces.map(([node, from, to]) => {
    const range = document.createRange();
    range.setStart(node, from);
    range.setEnd(node, to);
    const el = document.createElement("mark");
    el.className = "cm-span";
    range.surroundContents(el);
    return el;
  });
}

function step(by) {
  const chips = $$("a.cm-cite").filter((el) => el.offsetParent !== null);
  if (!chips.length) return;
  const at = chips.findIndex((el) => el.classList.contains("cm-current"));
  const next = at < 0 ? (by > 0 ? 0 : chips.length - 1) : (at + by + chips.length) % chips.length;
  cite(chips[next]);
  chips[next].scrollIntoView({ block: "nearest" });
}

// ---- the pane ------------------------------------------------------------------------------------------------

function tab(name) {
  $$(".cm-reader .cm-tab").forEach((el) => {
    const on = el.dataset.arg === name;
    el.setAttribute("aria-selected", on);
    el.tabIndex = on ? 0 : -1;
  });
  $$(".cm-reader .cm-panel").forEach((el) => (el.hidden = el.id !== "cm-panel-" + name));
  if (name === "map") {
    const cited = new Set($$(".cm-claim a.cm-cite").map((el) => el.dataset.author));
    $$(".cm-reader .cm-dot").forEach((el) => el.classList.toggle("cm-cited", cited.has(el.dataset.arg)));
  }
}

function more(button, only) {
  const body = button && button.previousElementSibling;
  if (!body || !body.classList.contains("cm-body")) return;
  const open = only ? true : button.getAttribute("aria-expanded") !== "true";
  body.classList.toggle("cm-long", !open);
  button.setAttribute("aria-expanded", open);
  button.textContent = open ? "Show less" : "Show all";
}

function people(el, author) {
  const old = $(".cm-menu");
  if (old) {
    const same = old.cmFor === el;
    old.remove();
    if (same) return;
  }
  const menu = document.createElement("div");
  menu.className = "cm-menu";
  menu.cmFor = el;
  const choice = (text, action) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    button.addEventListener("click", () => {
      menu.remove();
      action();
    });
    menu.append(button);
  };
  choice("Read only these comments", () => filter(author));
  choice("Ask this person alone", () => {
    pane("talk");
    send("only_author", author);
  });
  const comment = el.closest(".cm-c");
  if (comment && comment.dataset.n && comment.querySelector(".cm-kids")) {
    choice("Ask about this comment and its replies", () => {
      pane("talk");
      send("branch", comment.dataset.n);
    });
  }
  document.body.append(menu);
  const at = el.getBoundingClientRect();
  menu.style.left = Math.max(8, Math.min(at.left, innerWidth - menu.offsetWidth - 8)) + "px";
  menu.style.top = Math.min(at.bottom + 4, innerHeight - menu.offsetHeight - 8) + "px";
  $("button", menu).focus();
  const away = (event) => {
    if (menu.contains(event.target) || el.contains(event.target)) return;
    menu.remove();
    document.removeEventListener("pointerdown", away);
  };
  document.addEventListener("pointerdown", away);
}

function filter(author) {
  const root = room();
  const bar = $(".cm-filter", root);
  if (!bar) return;
  let count = 0;
  $$(".cm-c", root).forEach((el) => {
    const mine = author !== null && el.dataset.author === author && el.dataset.author !== "";
    if (mine) count += 1;
    el.classList.toggle("cm-out-of-filter", author !== null && !mine);
    if (mine) for (let at = el.parentElement; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
  });
  bar.hidden = author === null;
  if (author !== null) {
    $(".cm-filter-text", bar).textContent = `Only ${author}: ${count} ${count === 1 ? "comment" : "comments"}`;
    tab("thread");
    pane("thread");
    const first = $(".cm-c:not(.cm-out-of-filter)", root);
    if (first) settle(first);
  }
}

let found = [];
let foundAt = -1;
function find(words) {
  const root = room();
  const wanted = words.trim().toLowerCase();
  const out = $(".cm-found", root);
  if (!root.cmText) root.cmText = $$(".cm-body", root).map((el) => [el, el.textContent.toLowerCase()]);
  found = wanted.length < 2 ? [] : root.cmText.filter(([, text]) => text.includes(wanted)).map(([el, text]) => [el, text.indexOf(wanted)]);
  foundAt = -1;
  out.textContent = wanted.length < 2 ? "" : found.length ? `${found.length} found` : "nothing found";
  if (found.length) next(1, wanted.length);
}

function next(by, length) {
  if (!found.length) return;
  foundAt = (foundAt + by + found.length) % found.length;
  const [el, start] = found[foundAt];
  const focused = document.activeElement;
  goto(el.closest(".cm-c, .cm-article").id, start, start + length);
  if (focused && focused.matches(".cm-find")) focused.focus({ preventScroll: true });
  $(".cm-found").textContent = `${foundAt + 1} of ${found.length}`;
}

function pane(name) {
  document.documentElement.dataset.cmPane = name;
  $$("[data-cm=pane]").forEach((el) => el.setAttribute("aria-pressed", el.dataset.arg === name));
}

function copy(el, text) {
  const done = () => {
    const was = el.textContent;
    el.textContent = "Copied";
    setTimeout(() => (el.textContent = was), 1500);
  };
  if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, () => {});
}

// ---- keyboard and scrolling ----------------------------------------------------------------------------------

function keys(event) {
  const el = event.target;
  const typing = el.matches && el.matches("input, textarea, select, [contenteditable=true]");
  if (event.key === "Escape") {
    const menu = $(".cm-menu");
    if (menu) {
      const back = menu.cmFor;
      menu.remove();
      if (back) back.focus();
    }
  }
  if (el.matches && el.matches(".cm-find") && event.key === "Enter") {
    event.preventDefault();
    return next(event.shiftKey ? -1 : 1, el.value.trim().length);
  }
  if (el.matches && el.matches("g[data-cm]") && (event.key === "Enter" || event.key === " ")) {
    event.preventDefault();
    return act(el, event);
  }
  if (el.matches && el.matches(".cm-tab") && (event.key === "ArrowRight" || event.key === "ArrowLeft")) {
    const tabs = $$(".cm-tab");
    const to = tabs[(tabs.indexOf(el) + (event.key === "ArrowRight" ? 1 : -1) + tabs.length) % tabs.length];
    tab(to.dataset.arg);
    return to.focus();
  }
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "n" || event.key === "j") step(1);
  else if (event.key === "p" || event.key === "k") step(-1);
  else if (event.key === "/") {
    event.preventDefault();
    const box = $(".cm-find");
    if (box) box.focus();
  }
}

// A new question moves to the top of the conversation; after that the reader alone scrolls.
function watchTalk() {
  let shown = 0;
  let running = false;
  const said = document.createElement("div");
  said.className = "cm-hide";
  said.setAttribute("role", "status");
  document.body.append(said);
  const look = () => {
    const box = $(".st-key-cm-transcript");
    if (!box) return;
    keepCurrent();
    const busy = $("[data-cm=stop]", box) !== null;
    if (busy !== running) {
      running = busy;
      said.textContent = busy ? "Looking for an answer." : "The answer is ready.";
    }
    const questions = $$(".cm-question", box);
    if (questions.length > shown) {
      const last = questions[questions.length - 1];
      const top = last.getBoundingClientRect().top - box.getBoundingClientRect().top;
      box.scrollTo({ top: box.scrollTop + top - 28, behavior: calm() || !shown ? "auto" : "smooth" });
    }
    shown = questions.length;
  };
  look();
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
}
