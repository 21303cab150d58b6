package emulator

import (
	"net/http"
	"strings"
	"time"
)

type pullLine struct {
	PullRequest
	Badge string
	Check string // the state of the head's checks and statuses, "" is none
}

type commitLine struct {
	Name, SHA, Subject, Author, State string
}

type runBox struct {
	CheckRun
	State     string // status, or the conclusion once completed
	Completed bool
	Folded    bool // the summary is news no longer
	Buttons   []CheckAction
	Took      string
}

type commentBox struct {
	Comment
	AuthorID  int64
	Reactions []reactionPill
}

type reactionPill struct {
	Emoji, Name, Who string
	Count            int
}

type fileLine struct {
	Name, Status, Patch  string
	Additions, Deletions int
}

// cookieLife is how long a browser remembers who one is.
const cookieLife = 24 * time.Hour

// mostCommits is how many commits a page lists.
const mostCommits = 30

func (p *pages) home(v *visit) error {
	p.locked(func() {
		for _, r := range p.g.allRepositories() {
			v.page.Repos = append(v.page.Repos, p.g.repositoryView(r))
		}
	})
	v.page.Title = "Repositories"
	return p.render(v, "home")
}

func (p *pages) repository(v *visit) error {
	r, err := p.find(v)
	if err != nil {
		return err
	}
	p.locked(func() { p.fillRepository(v, r) })
	return p.render(v, "repository")
}

func (p *pages) pull(v *visit) error {
	r, err := p.find(v)
	if err != nil {
		return err
	}
	p.locked(func() { err = p.fillPull(v, r) })
	if err != nil {
		return err
	}
	return p.render(v, "pull")
}

func (p *pages) commit(v *visit) error {
	r, err := p.find(v)
	if err != nil {
		return err
	}
	c, err := r.resolve(v.r.PathValue("sha"))
	if err != nil {
		return notFound()
	}
	files, err := p.g.diffCommit(v.r.Context(), r, c)
	if err != nil {
		return err
	}
	v.page.Files = fileLines(files)
	p.locked(func() { p.fillCommit(v, r, c) })
	return p.render(v, "commit")
}

func (p *pages) compare(v *visit) error {
	r, err := p.find(v)
	if err != nil {
		return err
	}
	base, head, both := strings.Cut(v.r.PathValue("range"), "...")
	if !both {
		base, head = r.defaultBranch, base
	}
	from, errFrom := r.resolve(base)
	to, errTo := r.resolve(head)
	if errFrom != nil || errTo != nil {
		return notFound()
	}
	list, err := r.objects.between([]string{from.sha}, to.sha, 0)
	if err != nil {
		return err
	}
	files, err := p.g.diff(v.r.Context(), r, from.sha, to.sha, true)
	if err != nil {
		return err
	}
	v.page.Title, v.page.Files = base+"..."+head, fileLines(files)
	p.locked(func() { v.page.Commits = p.commitLines(r, list) })
	return p.render(v, "compare")
}

// blob shows a file as plain text.
func (p *pages) blob(v *visit) error {
	r, err := p.find(v)
	if err != nil {
		return err
	}
	at, err := r.resolve(v.r.PathValue("ref"))
	if err != nil {
		return notFound()
	}
	entry, err := r.objects.find(at.tree, v.r.PathValue("path"))
	if err != nil || entry.isDir() || entry.isSubmodule() {
		return notFound()
	}
	file, err := r.objects.get(entry.sha)
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	v.w.Header().Set("X-Content-Type-Options", "nosniff")
	_, err = v.w.Write(file.data)
	return err
}

// run leads to the commit of a check run.
func (p *pages) run(v *visit) error {
	r, err := p.find(v)
	if err != nil {
		return err
	}
	c, found := p.g.CheckRun(v.number("id"))
	if !found || c.Repository != r.fullName() {
		return notFound()
	}
	http.Redirect(v.w, v.r, "/"+c.Repository+"/commit/"+c.HeadSHA+sprintf("#run-%d", c.ID), http.StatusFound)
	return nil
}
