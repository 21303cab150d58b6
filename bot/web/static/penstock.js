// Follows what the page shows. Without it, everything can be read all the same:
// pages that change are loaded again by the browser, or by hand.
"use strict";

// A list or a run that still moves: fetch the page now and then and put its new
// content in the place of the old one.
function refresh() {
  const main = document.querySelector("main[data-refresh]");
  if (!main) return;
  setTimeout(async () => {
    try {
      if (!document.hidden) {
        const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
        if (answer.status === 401) location.reload(); // logged out meanwhile
        if (answer.ok) {
          const page = new DOMParser().parseFromString(await answer.text(), "text/html");
          const next = page.querySelector("main");
          if (next && bare(next) !== bare(main) && !String(getSelection()) && !writing(main)) {
            const focused = main.contains(document.activeElement) && document.activeElement.getAttribute("href");
            document.title = page.title;
            main.replaceWith(document.adoptNode(next));
            if (focused) document.querySelector(`main a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
          }
        }
      }
    } catch (error) {
      // The server is away for a moment; the next try is due soon.
    }
    refresh();
  }, 1000 * Number(main.dataset.refresh));
}

// bare is what a page shows, without what is new in its forms each time.
function bare(main) {
  return main.innerHTML.replace(/name="key" value="[0-9a-f]*"/g, "");
}

// writing says whether somebody is filling a form in, which must not be taken away.
function writing(main) {
  const field = document.activeElement?.closest?.("main form");
  return Boolean(field) || [...main.querySelectorAll("form input:not([type=hidden])")].some((i) => i.value !== i.defaultValue);
}

// A log that still grows: its lines come as events.
function follow() {
  const log = document.querySelector("[data-live]");
  if (!log) return;
  const events = new EventSource(log.dataset.live);
  const live = document.getElementById("live");
  live.textContent = "following";
  events.addEventListener("lines", (event) => {
    const atEnd = window.innerHeight + window.scrollY >= document.body.scrollHeight - 40;
    const lines = JSON.parse(event.data);
    const added = document.createDocumentFragment();
    for (const line of lines) {
      if (!document.getElementById("L" + line.n)) added.append(row(line));
    }
    log.append(added);
    document.getElementById("last").textContent = lines[lines.length - 1].n;
    document.getElementById("nothing")?.remove();
    if (atEnd) window.scrollTo(0, document.body.scrollHeight);
  });
  events.addEventListener("end", (event) => {
    events.close();
    live.textContent = "ended";
    const state = document.getElementById("state");
    state.textContent = event.data;
    state.className = "mark";
  });
  events.onerror = () => {
    live.textContent = events.readyState === EventSource.CLOSED ? "no longer following: load the page again" : "connecting again";
  };
  events.onopen = () => {
    live.textContent = "following";
  };
}

// row builds one line of a log. Its text is only ever set as text.
function row(line) {
  const div = document.createElement("div");
  div.className = "l " + line.stream;
  div.id = "L" + line.n;
  const number = document.createElement("a");
  number.href = "#L" + line.n;
  number.textContent = line.n;
  const time = document.createElement("time");
  time.dateTime = line.at;
  time.textContent = line.time;
  const text = document.createElement("span");
  const from = { sys: "penstock ", err: "err " }[line.stream];
  if (from) {
    const label = document.createElement("i");
    label.textContent = from;
    text.append(label);
  }
  text.append(line.text);
  div.append(number, time, text);
  return div;
}

refresh();
follow();
