package compute

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
)

// minForm is the length below which another form of a secret is not masked: it
// would be found in harmless text.
const minForm = 6

// forms are the ways in which tools print a value without meaning to hide it: as
// base64 wherever it stands in what was encoded, percent-encoded, as hex, quoted
// as JSON. What turns it around, cuts it to pieces or encrypts it is not among
// them, and cannot be.
func forms(value string) []string {
	found := base64Forms(value)
	found = append(found, url.QueryEscape(value), url.PathEscape(value), strings.ToLower(url.QueryEscape(value)))
	var every, lower strings.Builder
	for i := range len(value) {
		fmt.Fprintf(&every, "%%%02X", value[i])
		fmt.Fprintf(&lower, "%%%02x", value[i])
	}
	plainHex := hex.EncodeToString([]byte(value))
	found = append(found, every.String(), lower.String(), plainHex, strings.ToUpper(plainHex))
	if quoted, err := json.Marshal(value); err == nil {
		found = append(found, string(quoted[1:len(quoted)-1]))
	}
	var plain strings.Builder
	encoder := json.NewEncoder(&plain)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(value) == nil {
		quoted := strings.TrimSpace(plain.String())
		found = append(found, quoted[1:len(quoted)-1])
	}
	return found
}

// base64Forms are the letters of a value in base64 that depend on nothing but the
// value: for each of the three places at which it may begin in what is encoded,
// and in both alphabets.
func base64Forms(value string) []string {
	var found []string
	for before := range 3 {
		data := append(make([]byte, before), value...)
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			text := encoding.EncodeToString(data)
			from, to := (before*8+5)/6, len(data)*8/6
			if to > from {
				found = append(found, text[from:to])
			}
		}
	}
	// From its beginning, as `base64 FILE` prints it: in lines.
	text := base64.RawStdEncoding.EncodeToString([]byte(value))
	for _, length := range []int{64, 76} { // where tools break it
		for rest := text[:len(value)*8/6]; len(rest) > length; rest = rest[length:] {
			found = append(found, rest[:length])
			if tail := rest[length:]; len(tail) <= length {
				found = append(found, tail)
			}
		}
	}
	return found
}
