package definition

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/penstock-cd/penstock/pipeline"
)

// Digest names a resolved pipeline by its content: "sha256:" and the hex sum of
// its canonical JSON (fields in the order of the type, maps sorted by key). The path
// of the file is part of it; comments, layout and spelling are not.
func Digest(p *pipeline.Pipeline) string {
	b, err := json.Marshal(p)
	if err != nil { // text, numbers and maps of text always can
		panic(fmt.Sprintf("pipeline %s: encode: %v", p.Name, err))
	}
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}
