package emulator

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"path"
	"strings"
)

// Files above inlineFile come without content, above rawFile not at all.
const (
	inlineFile = 1 << 20
	rawFile    = 100 << 20
	mostInDir  = 1000
)

func escapeSegment(s string) string { return url.PathEscape(s) }

func (c *call) getContents() (reply, error) {
	ref := or(c.query("ref"), c.repo.defaultBranch)
	at, err := c.repo.resolve(ref)
	if err != nil {
		return reply{}, fail(http.StatusNotFound, "No commit found for the ref %s", ref)
	}
	name := strings.Trim(c.value("path"), "/")
	if name != "" && path.Clean(name) != name {
		return reply{}, fail(http.StatusUnprocessableEntity, "path contains a malformed path component")
	}
	entry, err := c.repo.objects.find(at.tree, name)
	if err != nil {
		return reply{}, err
	}
	if entry.isDir() {
		return c.directory(entry, name, ref)
	}
	return c.file(entry, name, ref)
}

func (c *call) directory(dir treeEntry, name, ref string) (reply, error) {
	entries, err := c.repo.objects.tree(dir.sha)
	if err != nil {
		return reply{}, err
	}
	list := []object{}
	for _, e := range entries[:min(len(entries), mostInDir)] {
		size := 0
		if !e.isDir() && !e.isSubmodule() {
			blob, err := c.repo.objects.get(e.sha)
			if err != nil {
				return reply{}, err
			}
			size = len(blob.data)
		}
		list = append(list, c.entryJSON(e, path.Join(name, e.name), ref, size))
	}
	if strings.Contains(c.r.Header.Get("Accept"), "application/vnd.github.object") {
		o := c.entryJSON(dir, name, ref, 0)
		o["entries"] = list
		return ok(o)
	}
	return ok(list)
}

func (c *call) file(e treeEntry, name, ref string) (reply, error) {
	if e.isSubmodule() {
		o := c.entryJSON(e, name, ref, 0)
		o["submodule_git_url"] = ""
		return ok(o)
	}
	blob, err := c.repo.objects.get(e.sha)
	if err != nil {
		return reply{}, err
	}
	size := len(blob.data)
	if size > rawFile {
		return reply{}, &apiError{
			status: http.StatusForbidden, message: "This API returns blobs up to 100 MB in size.",
			errors: []object{{"resource": "Blob", "field": "data", "code": "too_large"}},
		}
	}
	accept := c.r.Header.Get("Accept")
	if strings.Contains(accept, "raw") {
		return reply{status: http.StatusOK, raw: blob.data, kind: "application/vnd.github.raw; charset=utf-8"}, nil
	}
	o := c.entryJSON(e, name, ref, size)
	switch {
	case e.isSymlink():
		o["target"] = string(blob.data)
	case size > inlineFile:
		o["content"], o["encoding"] = "", "none"
	default:
		o["content"], o["encoding"] = wrapBase64(blob.data), "base64"
	}
	return ok(o)
}

func (c *call) entryJSON(e treeEntry, name, ref string, size int) object {
	kind, store, page := "file", "blobs", "blob"
	switch {
	case e.isDir():
		kind, store, page = "dir", "trees", "tree"
	case e.isSymlink():
		kind = "symlink"
	case e.isSubmodule():
		kind, store, page = "submodule", "trees", "tree"
	}
	escaped, full := escapePath(name), c.repo.fullName()
	self := c.g.repoAPI(c.repo) + "/contents/" + escaped + "?ref=" + url.QueryEscape(ref)
	git := c.g.repoAPI(c.repo) + "/git/" + store + "/" + e.sha
	html := c.g.page("%s/%s/%s/%s", full, page, escapePath(ref), escaped)
	o := object{
		"name": path.Base("/" + name), "path": name, "sha": e.sha, "size": size, "type": kind,
		"url": self, "git_url": git, "html_url": html, "download_url": nil,
		"_links": object{"self": self, "git": git, "html": html},
	}
	if kind == "file" || kind == "symlink" {
		o["download_url"] = c.g.page("%s/raw/%s/%s", full, escapePath(ref), escaped)
	}
	return o
}

// wrapBase64 breaks lines after 60 characters, as GitHub does.
func wrapBase64(data []byte) string {
	text := base64.StdEncoding.EncodeToString(data)
	var out strings.Builder
	for len(text) > 60 {
		out.WriteString(text[:60] + "\n")
		text = text[60:]
	}
	out.WriteString(text + "\n")
	return out.String()
}
