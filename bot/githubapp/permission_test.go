package githubapp_test

import (
	"fmt"
	"testing"

	"github.com/penstock-cd/penstock/bot/calls/callstest"
	"github.com/penstock-cd/penstock/pipeline"
)

func TestPermission(t *testing.T) {
	t.Parallel()
	s := newStub()
	level := func(login, permission string, id int64) {
		s.answer("GET /repos/octocat/shop/collaborators/"+login+"/permission", 200,
			fmt.Sprintf(`{"permission":%q,"user":{"id":%d,"login":%q}}`, permission, id, login))
	}
	for i, p := range []string{"admin", "write", "maintain", "read", "triage", "none", "owner"} {
		level(p+"-user", p, int64(i+1))
	}
	s.answer("GET /repos/octocat/shop/collaborators/nobody/permission", 404, `{"message":"nobody is not a user"}`)
	s.answer("GET /repos/octocat/shop/collaborators/null/permission", 200, `{"permission":"admin","user":null}`)
	a := s.app(t)
	for _, c := range []struct {
		login string
		id    int64
		want  pipeline.Permission
		kind  pipeline.Kind // Internal and no kind at all are told apart by fails
		fails bool
	}{
		{"admin-user", 1, pipeline.PermissionAdmin, 0, false},
		{"write-user", 2, pipeline.PermissionWrite, 0, false},
		{"maintain-user", 3, pipeline.PermissionWrite, 0, false},
		{"read-user", 4, pipeline.PermissionRead, 0, false},
		{"triage-user", 5, pipeline.PermissionRead, 0, false},
		{"none-user", 6, pipeline.PermissionNone, 0, false},
		{"owner-user", 7, pipeline.PermissionNone, pipeline.Internal, true},  // a word we do not know
		{"admin-user", 99, pipeline.PermissionNone, pipeline.NotFound, true}, // the login was taken by somebody else
		{"null", 1, pipeline.PermissionNone, pipeline.NotFound, true},
		{"nobody", 1, pipeline.PermissionNone, pipeline.NotFound, true},
		{"", 1, pipeline.PermissionNone, pipeline.Invalid, true},
		{"admin-user", 0, pipeline.PermissionNone, pipeline.Invalid, true},
		{"../../x", 1, pipeline.PermissionNone, pipeline.Invalid, true},
	} {
		t.Run(fmt.Sprintf("%s %d", c.login, c.id), func(t *testing.T) {
			got, err := a.Permission(t.Context(), shop, pipeline.Actor{ID: c.id, Login: c.login})
			if got != c.want || (err != nil) != c.fails {
				t.Errorf("%s, %v", got, err)
			}
			if c.fails {
				callstest.WantKind(t, err, c.kind)
			}
		})
	}
}
