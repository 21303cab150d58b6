// Keeps the page current: the server says that something changed, the page is fetched
// again, and the parts marked data-live are replaced where they differ. What somebody
// is writing or choosing is left alone. Forms are sent without leaving the page.
const parts = () => document.querySelectorAll("[data-live]");
const shown = new Map([...parts()].map((p) => [p.id, p.innerHTML]));
const list = document.getElementById("messages");
const folded = new Set(); // threads that somebody closed
const toEnd = () => { list.scrollTop = list.scrollHeight; };

function replace(part, next) {
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  part.innerHTML = next;
  for (const d of part.querySelectorAll("article")) {
    if (folded.has(d.id)) d.querySelector("details")?.removeAttribute("open");
  }
  if (part === list && atEnd) toEnd();
  if (part.id === "modal") part.querySelector("textarea, dialog input:not([type=hidden]), select")?.focus();
}

let asking = false, again = false;
async function refresh() {
  if (asking) { again = true; return; }
  asking = true;
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (answer.ok) {
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of parts()) {
        const next = fresh.getElementById(part.id)?.innerHTML;
        const choosing = part.id === "side" && part.contains(document.activeElement);
        if (next === undefined || next === shown.get(part.id) || choosing) continue;
        shown.set(part.id, next);
        replace(part, next);
      }
    }
  } catch { /* the server is gone; the stream says so */ }
  asking = false;
  if (again) { again = false; refresh(); }
}

const stream = new EventSource("/-/live");
stream.onmessage = () => { document.body.classList.remove("gone"); refresh(); };
stream.onerror = () => document.body.classList.add("gone");

async function send(to, data) {
  await fetch(to, { method: "POST", body: new URLSearchParams(data), redirect: "manual" }).catch(() => null);
  refresh();
}

addEventListener("submit", async (e) => {
  const form = e.target;
  if (form.method !== "post") return;
  e.preventDefault();
  const by = e.submitter;
  const data = new FormData(form, by);
  if (by?.dataset.question && !confirm(by.dataset.question)) return;
  by?.classList.add("busy");
  const field = form.querySelector("input[name=text]");
  if (field) field.value = "";
  await send(form.getAttribute("action"), data);
  by?.classList.remove("busy");
});

addEventListener("click", (e) => {
  const link = e.target.closest?.("a[data-press]");
  if (link) { // opens its address, and the app hears of it
    const data = new FormData(document.getElementById("click"));
    data.set("press", link.dataset.press);
    send("/-/click", data);
  }
  const details = e.target.closest?.("summary")?.parentElement;
  const article = details?.closest("article");
  if (article) details.open ? folded.add(article.id) : folded.delete(article.id); // before the browser does it
});
addEventListener("change", (e) => { if (e.target.name === "as") e.target.form.submit(); });
addEventListener("keydown", (e) => {
  if (e.key === "Escape") document.getElementById("modal-close")?.requestSubmit();
});
toEnd();
document.body.classList.add("live");
