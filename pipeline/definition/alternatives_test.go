package definition

import (
	"strings"
	"testing"
)

func TestAlternatives(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]int{
		"release/**": 1, "{a,b}": 2, "{a,b}/{c,d,e}": 6, "{a,{b,c}d}{e,f}": 6, `\{a,b\}`: 1, "[{,}]{a,b}": 2, "a,b": 1, "{}": 1,
		strings.Repeat("{a,a}", 6): 64, strings.Repeat("{a,a}", 7): 65, strings.Repeat("{a,a}", 51): 65,
	} {
		if got := alternatives(pattern); got != want {
			t.Errorf("%s: %d, want %d", pattern, got, want)
		}
	}
}
