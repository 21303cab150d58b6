// Keeps a page current: every second the parts marked data-live are fetched
// again, and replaced when they changed. A part in which somebody is writing,
// choosing, pressing or selecting is left alone until they are done; what they
// filled in, folded and unfolded stays as they left it.
const parts = () => document.querySelectorAll("[data-live]");
const shown = new Map([...parts()].map((p) => [p.id, p.innerHTML]));
const folds = new Map(); // what somebody folded or unfolded
let pressed = null;

addEventListener("pointerdown", (e) => { pressed = e.target; });
for (const over of ["pointerup", "pointercancel"]) addEventListener(over, () => { pressed = null; });
addEventListener("click", (e) => {
  const details = e.target.closest?.("summary")?.parentElement;
  if (details) folds.set(foldKey(details), !details.open); // before the browser does it
});

function foldKey(details) {
  const near = details.id ? details : details.parentElement.closest("[id]");
  return near.id + " " + [...near.querySelectorAll("details")].indexOf(details);
}

const fieldKey = (f) => (f.form?.id || f.form?.getAttribute("action")) + " " + f.name;
const fields = (part) => part.querySelectorAll("input:not([type=hidden]), select, textarea");

function busy(part) {
  const selection = getSelection();
  return part.contains(pressed) || document.activeElement?.matches("input, select, textarea") && part.contains(document.activeElement)
    || !selection.isCollapsed && (part.contains(selection.anchorNode) || part.contains(selection.focusNode));
}

function replace(part, next) {
  const before = new Map([...fields(part)].map((f) => [fieldKey(f), f]));
  const filled = new Map();
  for (const [key, f] of before) if (f.dataset.touched) filled.set(key, f.value);
  part.innerHTML = next;
  for (const f of fields(part)) {
    if (!filled.has(fieldKey(f))) continue;
    f.value = filled.get(fieldKey(f));
    f.dataset.touched = "yes";
  }
  for (const d of part.querySelectorAll("details")) if (folds.has(foldKey(d))) d.open = folds.get(foldKey(d));
}
addEventListener("input", (e) => { e.target.dataset.touched = "yes"; });

async function refresh() {
  if (document.hidden) return;
  const answer = await fetch(location.href, { cache: "no-store" }).catch(() => null);
  document.body.classList.toggle("gone", !answer);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of parts()) {
    const next = fresh.getElementById(part.id)?.innerHTML;
    if (next === undefined || next === shown.get(part.id) || busy(part)) continue;
    shown.set(part.id, next);
    replace(part, next);
  }
}
(function again() { setTimeout(() => refresh().finally(again), 1000); })();
