package githubapp_test

import "testing"

const pullJSON = `{"id":1,"number":7,"state":"closed","title":"t","html_url":"https://github.com/octocat/shop/pull/7","user":` + otherUser + `,
	"head":{"ref":"feature","sha":"` + sha + `","repo":null},"base":{"ref":"main","sha":"` + otherSHA + `","repo":{"id":77}},
	"merged_at":"2026-01-02T03:04:05Z","merge_commit_sha":"` + otherSHA + `"`

func TestPullRequests(t *testing.T) {
	t.Parallel()
	s := newStub()
	s.answer("GET /repos/octocat/shop/pulls/7", 200, pullJSON+`,"merged":true,"merged_by":`+otherUser+`}`)
	s.answer("GET /repos/octocat/shop/commits/"+sha+"/pulls", 200, `[`+pullJSON+`},
		{"id":2,"number":8,"state":"open","head":{},"base":{"repo":{"id":77}}},
		{"id":3,"number":9,"state":"closed","merged_at":"2026-01-02T03:04:05Z","head":{},"base":{"repo":{"id":78}}}]`)
	a := s.app(t)
	p, err := a.PullRequest(t.Context(), shop, 7)
	if err != nil {
		t.Fatal(err)
	}
	if p.Number != 7 || !p.Merged || !p.Fork() || p.HeadRepositoryID != 0 || p.HeadSHA != sha || p.BaseRef != "main" ||
		p.Author.ID != 901 || p.MergedBy.Login != "hubot" || p.MergeCommitSHA != otherSHA {
		t.Errorf("%+v", p)
	}
	list, err := a.PullsOfCommit(t.Context(), shop, sha)
	if err != nil || len(list) != 1 || list[0].Number != 7 || !list[0].Merged {
		t.Errorf("%+v, %v", list, err)
	}
}
