// Keeps a half-typed comment when a button loads the page anew, until it was sent
// and shown.
const draft = document.querySelector("#comment textarea");
if (draft) {
  const kept = "draft " + location.pathname, sent = "sent " + location.pathname;
  if (sessionStorage.getItem(sent) && location.hash.startsWith("#issuecomment-")) sessionStorage.removeItem(kept);
  sessionStorage.removeItem(sent);
  draft.value ||= sessionStorage.getItem(kept) ?? "";
  draft.addEventListener("input", () => sessionStorage.setItem(kept, draft.value));
  draft.form.addEventListener("submit", () => sessionStorage.setItem(sent, "yes"));
}
