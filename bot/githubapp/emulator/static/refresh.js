// Keeps a page current: every two seconds the parts marked "live" are fetched
// again, unless somebody is typing or has text selected there.
setInterval(async () => {
  if (document.hidden || String(getSelection())) return;
  const answer = await fetch(location.href).catch(() => null);
  if (!answer || !answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(part.id);
    if (!next || next.innerHTML === part.dataset.was || part.contains(document.activeElement)) continue;
    const open = new Set([...part.querySelectorAll("details[open][id]")].map((d) => d.id));
    part.dataset.was = next.innerHTML;
    part.innerHTML = next.innerHTML;
    for (const d of part.querySelectorAll("details[id]")) if (open.has(d.id)) d.open = true;
  }
}, 2000);
