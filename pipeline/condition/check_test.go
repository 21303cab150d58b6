package condition_test

import (
	"strings"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/condition"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		operator, variable, value string
		want                      bool
		wrong                     string
	}{
		{"EQ", "main", "main", true, ""},
		{"eq", "main", "Main", false, ""},
		{"NE", "main", "dev", true, ""},
		{"NE", "main", "main", false, ""},
		{"CONTAINS", "a release", "release", true, ""},
		{"CONTAINS", "a", "release", false, ""},
		{"MATCHES", "v1.2.3", `v\d+\.\d+\.\d+`, true, ""},
		{"MATCHES", "xv1", `v\d`, false, ""},
		{"MATCHES", "v1\nrm", `v\d`, false, ""},
		{"MATCHES", "b", `a|b`, true, ""},
		{"MATCHES", "ab", `a|b`, false, ""},
		{"MATCHES", "x", `(?=x)`, false, "not a regular expression"},
		{"MATCHES", "x", `x)|(y`, false, "not a regular expression"},
		{"MATCHES", "x", strings.Repeat("x", 1001), false, "the limit is 1000"},
		{"LIKE", "x", "x", false, "one of EQ, NE, CONTAINS, MATCHES"},
	} {
		t.Run(test.operator+" "+test.variable, func(t *testing.T) {
			t.Parallel()
			got, err := condition.Check(test.operator, test.variable, test.value)
			if got != test.want || (err != nil) != (test.wrong != "") {
				t.Fatalf("got %t, %v", got, err)
			}
			if err != nil && (!strings.Contains(err.Error(), test.wrong) || pipeline.KindOf(err) != pipeline.Invalid) {
				t.Error(err)
			}
		})
	}
}

func TestCheckIsBounded(t *testing.T) {
	t.Parallel()
	start := time.Now()
	if ok, err := condition.Check("MATCHES", strings.Repeat("a", 120_000), "(a*)*(a*)*(a*)*b"); ok || err != nil {
		t.Errorf("got %t, %v", ok, err)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %s", took)
	}
}
