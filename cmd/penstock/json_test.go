package main

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

func TestJSONOnAScreen(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.String().Draw(t, "text") + "\x7f\u009b\u202e\U000e0041" + rapid.String().Draw(t, "more")
		var out bytes.Buffer
		if err := newJSON(&out).Encode(want); err != nil {
			t.Fatal(err)
		}
		for _, r := range out.String() {
			if r != '\n' && !unicode.IsPrint(r) {
				t.Fatalf("%q has %U", &out, r)
			}
		}
		var got string
		if err := json.Unmarshal(out.Bytes(), &got); err != nil || got != want {
			t.Fatalf("%q, %v; want %q", got, err, want)
		}
	})
}
