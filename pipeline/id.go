package pipeline

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"time"
)

// NewID returns a fresh UUIDv7 in text form: ids made later sort later, to the
// millisecond.
func NewID(now time.Time) string {
	var b [16]byte
	rand.Read(b[6:]) // never returns an error
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(now.UnixMilli()))
	copy(b[:6], ms[2:])
	return formatUUID(b, 7)
}

// AttemptID derives the id of one attempt of an action. The same attempt always
// has the same id, so a decision taken twice names the same work.
func AttemptID(executionID, stage, action string, attempt int) string {
	sum := sha256.New()
	for _, part := range []string{executionID, stage, action} {
		binary.Write(sum, binary.BigEndian, uint32(len(part))) // a hash never fails
		sum.Write([]byte(part))
	}
	binary.Write(sum, binary.BigEndian, uint32(attempt))
	var b [16]byte
	copy(b[:], sum.Sum(nil))
	return formatUUID(b, 8)
}

func formatUUID(b [16]byte, version byte) string {
	b[6] = b[6]&0x0f | version<<4
	b[8] = b[8]&0x3f | 0x80
	h := hex.EncodeToString(b[:])
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}
